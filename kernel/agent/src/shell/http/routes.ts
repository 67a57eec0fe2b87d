import { jsonReply, textReply } from "@tutti/http";
import type { HttpHandler, Route } from "@tutti/http";
import { metricsOf, stateJson, versionOf } from "../../core/index.ts";
import { limits } from "../limits.ts";
import { callApi } from "./api-v1.ts";
import type { ApiPorts } from "./api-v1.ts";
import { containerJson, listContainers } from "./containers.ts";
import { filesRoutes } from "./files-routes.ts";
import { readMachineLoad } from "./machine-load.ts";
import { jsonpReply } from "./reply-json.ts";

/** What the agent's HTTP needs. */
export interface HttpPorts extends ApiPorts {
  readonly startedWallMs: number;
}

/** The name of the agent's process in Mesos: its endpoints are also found below it. */
const processName = "/slave(1)";

/** Every route of the agent. Rules AGT30 to AGT33. */
export function agentRoutes(ports: HttpPorts): readonly Route[] {
  const gets: Readonly<Record<string, HttpHandler>> = {
    "/health": () => ({ status: 200 }),
    "/version": async (request) =>
      jsonpReply(request, versionOf((await ports.look()).config.release)),
    "/flags": (request) => jsonpReply(request, { flags: ports.flags }),
    "/state": async (request) => jsonpReply(request, stateJson(await ports.look(), ports)),
    "/containers": async (request) => {
      const containers = await listContainers(await ports.look(), ports.containerizer);
      const wanted = request.query.get("container_id");
      return jsonpReply(
        request,
        containers
          .filter(({ container_id: id }) => wanted === null || id.value === wanted)
          .map((container) => containerJson(container, true)),
      );
    },
    "/monitor/statistics": async (request) => {
      const containers = await listContainers(await ports.look(), ports.containerizer);
      return jsonpReply(
        request,
        containers.map((container) => containerJson(container, false)),
      );
    },
    "/containerizer/debug": (request) => jsonpReply(request, { pending: [] }),
    "/metrics/snapshot": async (request) => {
      const timeout = request.query.get("timeout");
      if (timeout !== null && !/^\d+(\.\d+)?(ns|us|ms|secs|mins|hrs|days|weeks)$/.test(timeout)) {
        return textReply(
          400,
          `Invalid timeout '${timeout}': Failed to convert it to a duration.\n`,
        );
      }
      return jsonpReply(request, metricsOf(await ports.look(), readMachineLoad()));
    },
    "/system/stats.json": (request) => jsonpReply(request, systemStats()),
  };
  const routes: Route[] = Object.entries(gets).map(([path, GET]) => ({ path, methods: { GET } }));
  routes.push({
    path: "/api/v1",
    methods: { POST: (request) => callApi(ports, request) },
    bodyBytesMax: limits.callBytesMax,
  });
  const own = routes.map((route) => ({ ...route, path: `${processName}${route.path}` }));
  return [...routes, ...own, ...filesRoutes(ports), leftOut("/api/v1/executor")];
}

/** Something of Mesos's agent that a client may look for and this one has not. */
function leftOut(path: string): Route {
  return {
    path,
    methods: {
      POST: () =>
        jsonReply(501, {
          message: "This agent runs command tasks only: no executor may subscribe.",
        }),
    },
  };
}

function systemStats(): Readonly<Record<string, number>> {
  const { loads, cpuCount, memFreeBytes, memTotalBytes } = readMachineLoad();
  return {
    avg_load_15min: loads[2] ?? 0,
    avg_load_1min: loads[0] ?? 0,
    avg_load_5min: loads[1] ?? 0,
    cpus_total: cpuCount,
    mem_free_bytes: memFreeBytes,
    mem_total_bytes: memTotalBytes,
  };
}
