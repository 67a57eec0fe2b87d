import type { Env } from "@tutti/machine";
import type { App, PortDefinition } from "@tutti/marathon-v2";
import type { World } from "./world.ts";

/**
 * Gives every port 0 a service port of its own: the one the same place had before, else a free one by
 * chance. With `requirePorts` the ports are host ports and 0 stays 0. When none is free it stays 0 too.
 * Rule MAR11.
 */
export function assignServicePorts(world: World, env: Env, app: App, before: App | undefined): App {
  if (app.requirePorts || app.portDefinitions.every(({ port }) => port !== 0)) return app;
  const taken = takenPorts(world, app);
  const portDefinitions = app.portDefinitions.map((definition, index): PortDefinition => {
    if (definition.port !== 0) return definition;
    const old = before?.requirePorts === true ? 0 : (before?.portDefinitions[index]?.port ?? 0);
    const isServicePort =
      old >= world.options.servicePorts.min && old <= world.options.servicePorts.max;
    const port = isServicePort && !taken.has(old) ? old : freePort(world, env, taken);
    taken.add(port);
    return { ...definition, port };
  });
  return { ...app, portDefinitions };
}

/** Service ports of all other apps, and the fixed ones of this. */
function takenPorts(world: World, app: App): Set<number> {
  const taken = new Set(app.portDefinitions.map(({ port }) => port));
  for (const other of world.apps.values()) {
    if (other.id === app.id) continue;
    for (const { port } of other.visible?.portDefinitions ?? []) taken.add(port);
  }
  return taken;
}

function freePort(world: World, env: Env, taken: ReadonlySet<number>): number {
  const { min, max } = world.options.servicePorts;
  const count = max - min + 1;
  const start = env.random.below(count);
  for (let step = 0; step < count; step += 1) {
    const port = min + ((start + step) % count);
    if (!taken.has(port)) return port;
  }
  return 0;
}
