import { textReply } from "@tutti/http";
import type { HttpHandler, Route } from "@tutti/http";
import { metricsOf, stateJson, versionOf } from "../../core/index.ts";
import { limits } from "../limits.ts";
import { callApi } from "./api-v1.ts";
import { callExecutorApi } from "./executor-api.ts";
import type { ApiPorts } from "./api-v1.ts";
import { containerJson, listContainers } from "./containers.ts";
import { faultOfTimeout } from "./duration.ts";
import { filesRoutes } from "./files-routes.ts";
import { toggleLogging } from "./logging-level.ts";
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
      const fault = faultOfTimeout(request.query.get("timeout"));
      if (fault !== undefined) return textReply(400, fault);
      return jsonpReply(request, metricsOf(await ports.look(), readMachineLoad()));
    },
    "/system/stats.json": (request) => jsonpReply(request, systemStats()),
  };
  // Mesos does not tell methods apart where it only reads.
  const routes: Route[] = Object.entries(gets).map(([path, handler]) => ({
    path,
    methods: { GET: handler, POST: handler, PUT: handler },
  }));
  routes.push({
    path: "/api/v1",
    methods: { POST: (request) => callApi(ports, request) },
    bodyBytesMax: limits.callBytesMax,
  });
  const toggle: HttpHandler = (request) => toggleLogging(ports, request);
  const own = routes.map((route) => ({ ...route, path: `${processName}${route.path}` }));
  return [
    ...routes,
    ...own,
    { path: "/logging/toggle", methods: { GET: toggle, POST: toggle } },
    ...filesRoutes(ports),
    {
      path: "/api/v1/executor",
      methods: { POST: (request) => callExecutorApi(ports.look, request) },
      bodyBytesMax: limits.callBytesMax,
    },
  ];
}

/** Whether a path, without a trailing slash, is only read, whatever the method. */
export function isReadPath(path: string): boolean {
  return readPaths.test(path);
}

const readPaths =
  /^(?:\/slave\(1\)|\/slave%281%29)?\/(?:health|version|flags|state|containers|monitor\/statistics|containerizer\/debug|metrics\/snapshot|system\/stats\.json|api\/v1)$/i;

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
