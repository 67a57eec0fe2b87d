import { negotiate, textReply } from "@tutti/http";
import type { HttpReply, HttpRequest } from "@tutti/http";
import type { Instance, World } from "../../core/index.ts";

type App = World["apps"] extends ReadonlyMap<string, infer T> ? T : never;

/** Whether the client prefers lines of endpoints to JSON. */
export function wantsText(request: HttpRequest): boolean {
  return negotiate(request.headers["accept"], ["application/json", "text/plain"]) === "text/plain";
}

/** One line per service port of an app: its id, the port, and `host:port` of each running task. */
export function endpointsReply(world: World, apps: readonly App[]): HttpReply {
  return textReply(200, apps.map((app) => linesOf(world, app)).join(""));
}

function linesOf(world: World, app: App): string {
  const name = app.id.slice(1).replaceAll("/", "_");
  const running = [...world.shownInstances(app)].filter(({ condition }) => condition === "Running");
  const ports = app.visible?.portDefinitions ?? [];
  if (ports.length === 0) {
    return `${name}\t \t${running.map(({ host }) => `${host}\t`).join("")}\n`;
  }
  return ports
    .map(({ port }, index) => `${name}\t${port}\t${endpointsOf(running, index)}\n`)
    .join("");
}

function endpointsOf(running: readonly Instance[], index: number): string {
  return running
    .flatMap(({ host, hostPorts }) => {
      const port = hostPorts[index];
      return port === undefined ? [] : [`${host}:${port}\t`];
    })
    .join("");
}
