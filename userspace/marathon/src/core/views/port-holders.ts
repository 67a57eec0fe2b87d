import type { Lack } from "@tutti/marathon-v2";
import type { World } from "../world.ts";

/** Which app has which port of which agent; looked for when it is first asked. */
export class PortHolders {
  readonly #world: World;
  #holders: ReadonlyMap<string, string> | undefined;

  constructor(world: World) {
    this.#world = world;
  }

  /** The app that has a port of an agent; undefined: none of Marathon's. */
  of(agentId: string, port: number): string | undefined {
    this.#holders ??= holdersOf(this.#world);
    return this.#holders.get(keyOf(agentId, port));
  }

  /** The lack with the apps that have the ports, as far as they are Marathon's. */
  named(agentId: string, lack: Lack): Lack {
    if (lack.type !== "takenPorts") return lack;
    return {
      type: "takenPorts",
      ports: lack.ports.map(({ port }) => {
        const holder = this.of(agentId, port);
        return holder === undefined ? { port } : { port, holder };
      }),
    };
  }
}

function holdersOf(world: World): ReadonlyMap<string, string> {
  const holders = new Map<string, string>();
  for (const app of world.apps.values()) {
    for (const { agentId, hostPorts } of app.instances.values()) {
      for (const port of hostPorts) holders.set(keyOf(agentId, port), app.id);
    }
  }
  return holders;
}

function keyOf(agentId: string, port: number): string {
  return `${agentId} ${port}`;
}
