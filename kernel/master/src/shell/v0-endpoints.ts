import { utf8Decode } from "@tutti/base";
import { textReply } from "@tutti/http";
import type { HttpHandler, HttpReply, HttpRequest, Route } from "@tutti/http";
import { messages, toJson } from "@tutti/mesos-v1";
import type { MasterConfig } from "../core/config.ts";
import { flagsOf } from "../core/read/flags.ts";
import { metricsSnapshot } from "../core/read/metrics-snapshot.ts";
import { quotaStatus } from "../core/read/quota.ts";
import { frameworksJson, rolesJson, slavesJson, tasksJson } from "../core/read/v0/lists-json.ts";
import { stateText } from "../core/read/v0/state-json.ts";
import { stateSummaryText } from "../core/read/v0/summary-json.ts";
import { versionInfo } from "../core/release.ts";
import type { MasterView } from "../core/view.ts";
import { parseCallback } from "./api-codec.ts";
import { toggleLogging } from "./logging-level.ts";
import { taskQueryOf, timeoutFaultOf } from "./query.ts";
import type { MasterSite } from "./site.ts";
import { withLeader } from "./site.ts";
import { isV0Write, v0Writes } from "./v0-writes.ts";

/** Renders an answer; `query` is what the client asked for. */
type Render = (source: {
  readonly config: MasterConfig;
  readonly view: MasterView;
  readonly query: URLSearchParams;
  readonly wallMs: number;
}) => string;

/** The reading endpoints: what they show, and which parameters their answer depends on. Rule MST80. */
const reads: Readonly<Record<string, { readonly render: Render; readonly by: readonly string[] }>> =
  {
    "/state": { render: ({ config, view }) => stateText(config, view), by: [] },
    "/state-summary": { render: ({ config, view }) => stateSummaryText(config, view), by: [] },
    "/slaves": {
      render: ({ view, query }) =>
        JSON.stringify(slavesJson(view, query.get("slave_id") ?? undefined)),
      by: ["slave_id"],
    },
    "/frameworks": {
      render: ({ view, query }) =>
        JSON.stringify(frameworksJson(view, query.get("framework_id") ?? undefined)),
      by: ["framework_id"],
    },
    "/tasks": {
      render: ({ view, query }) => JSON.stringify(tasksJson(view, taskQueryOf(query))),
      by: ["framework_id", "task_id", "limit", "offset", "order"],
    },
    "/roles": { render: ({ view }) => JSON.stringify(rolesJson(view)), by: [] },
    "/flags": { render: ({ config }) => JSON.stringify({ flags: flagsOf(config) }), by: [] },
    "/version": { render: () => versionText, by: [] },
    "/weights": {
      render: ({ view }) =>
        JSON.stringify([...view.weights].map(([role, weight]) => ({ role, weight }))),
      by: [],
    },
    "/quota": {
      render: ({ view }) => toJson(messages.QuotaStatus, quotaStatus(view)),
      by: [],
    },
    "/maintenance/schedule": { render: () => "{}", by: [] },
    "/maintenance/status": { render: () => "{}", by: [] },
  };

const { build_date, build_time, build_user, git_branch, git_sha, version } = versionInfo;
const versionText = JSON.stringify({
  build_date,
  build_time,
  build_user,
  git_branch,
  git_sha,
  version,
});

/** Every v0 endpoint, each also under `/master`. */
export function v0Routes(site: MasterSite): Route[] {
  const handlers = new Map<string, Route["methods"]>();
  for (const [path, { render, by }] of Object.entries(reads)) {
    handlers.set(
      path,
      readMethods((request) => answerRead(site, request, { path, render, by })),
    );
  }
  handlers.set(
    "/health",
    readMethods(() => ({ status: 200 })),
  );
  handlers.set(
    "/redirect",
    readMethods((request) => redirect(site, request)),
  );
  for (const [path, methods] of v0Writes(site)) {
    handlers.set(path, { ...handlers.get(path), ...methods });
  }
  const toggle: HttpHandler = (request) => toggleLogging(site, request);
  const routes = [...handlers].map(([path, methods]) => ({ path, methods }));
  return [
    ...routes,
    ...routes.map(({ path, methods }) => ({ path: `/master${path}`, methods })),
    { path: "/logging/toggle", methods: { GET: toggle, POST: toggle } },
    ...["/metrics/snapshot", "/master/metrics/snapshot"].map((path) => ({
      path,
      methods: readMethods((request) => metrics(site, request)),
    })),
    { path: "/system/stats.json", methods: { GET: (request) => systemStats(site, request) } },
  ];
}

/** Whether a request only reads, whatever its method: Mesos does not tell methods apart. */
export function isV0Read(method: string, path: string): boolean {
  const plain = path.startsWith("/master/") ? path.slice("/master".length) : path;
  return readPaths.has(plain) && !isV0Write(method, plain);
}

const readPaths: ReadonlySet<string> = new Set([
  ...Object.keys(reads),
  "/health",
  "/redirect",
  "/metrics/snapshot",
]);

function readMethods(handler: HttpHandler): Route["methods"] {
  return { GET: handler, POST: handler, PUT: handler };
}

function answerRead(
  site: MasterSite,
  request: HttpRequest,
  read: { readonly path: string; readonly render: Render; readonly by: readonly string[] },
): Promise<HttpReply> {
  return withLeader(site, request, async (leader) => {
    const { query } = request;
    const body = await leader.read((view) => {
      const source = { config: leader.config, view, query, wallMs: site.wallMs() };
      const parameters = read.by.flatMap((name) => [name, query.get(name) ?? ""]);
      const isWhole = read.by.every((name) => !query.has(name));
      if (!isWhole) return read.render(source);
      // As bytes: all who read it at once share them.
      return leader.answers.get([read.path, ...parameters].join(" "), view.version, () =>
        Buffer.from(read.render(source)),
      );
    });
    return jsonOrCallback(request, body);
  });
}

/** JSON, or a script that hands it to the function the client has named. */
function jsonOrCallback(request: HttpRequest, body: string | Uint8Array): HttpReply {
  const name = request.query.get("jsonp");
  if (name === null) {
    return { status: 200, headers: { "Content-Type": "application/json" }, body };
  }
  const callback = parseCallback(name);
  if (!callback.ok) return textReply(400, callback.error.message);
  const text = typeof body === "string" ? body : utf8Decode(body);
  const headers = { "Content-Type": "text/javascript", "X-Content-Type-Options": "nosniff" };
  return { status: 200, headers, body: `${callback.value}(${text})` };
}

function metrics(site: MasterSite, request: HttpRequest): Promise<HttpReply> {
  return withLeader(site, request, async (leader) => {
    const fault = timeoutFaultOf(request.query.get("timeout"));
    if (fault !== undefined) return textReply(400, fault);
    const text = await leader.read((view) => {
      const snapshot = metricsSnapshot(leader.config, view, leader.hostMetrics(site.wallMs()));
      return JSON.stringify(Object.fromEntries(snapshot));
    });
    return jsonOrCallback(request, text);
  });
}

const systemStatNames = {
  avg_load_1min: "system/load_1min",
  avg_load_5min: "system/load_5min",
  avg_load_15min: "system/load_15min",
  cpus_total: "system/cpus_total",
  mem_free_bytes: "system/mem_free_bytes",
  mem_total_bytes: "system/mem_total_bytes",
} as const;

/** What libprocess tells of its machine. */
function systemStats(site: MasterSite, request: HttpRequest): Promise<HttpReply> {
  return withLeader(site, request, (leader) => {
    const { values } = leader.hostMetrics(site.wallMs());
    const stats = Object.entries(systemStatNames).map(([name, from]) => [name, values.get(from)]);
    return jsonOrCallback(request, JSON.stringify(Object.fromEntries(stats)));
  });
}

async function redirect(site: MasterSite, request: HttpRequest): Promise<HttpReply> {
  const leader = site.leader();
  if (leader !== undefined) {
    const { hostname, port } = leader.config;
    return { status: 307, headers: { Location: `//${hostname}:${port}` } };
  }
  return withLeader(site, { ...request, path: "" }, () => ({ status: 503 }));
}
