import { ok } from "@tutti/base";
import type { Result } from "@tutti/base";
import { jsonReply } from "@tutti/http";
import type { HttpReply, HttpRequest, Route } from "@tutti/http";
import { appNotFound, parseAppInput, parseAppInputs, parseLabelSelector } from "@tutti/marathon-v2";
import type { AppInfo, MarathonRefusal, VersionedApp } from "@tutti/marathon-v2";
import { embedAll, toAppInfo } from "../../core/index.ts";
import type { AppEmbed, Now, World } from "../../core/index.ts";
import { refusalReply } from "../replies.ts";
import { appIdOf, flagOf } from "../requests.ts";
import type { Access } from "../requests.ts";
import type { MarathonService } from "../service.ts";
import { appPathRoutes } from "./app-paths.ts";
import { deleteAppTask, deleteAppTasks, listAppTasks } from "./app-tasks.ts";
import { bodyOf, carryOut, updateMode } from "./commands.ts";
import { withVisibleApp } from "./visible-app.ts";

/** `/v2/apps` and everything below. */
export function appRoutes(service: MarathonService, access: Access): readonly Route[] {
  return [
    {
      path: "/v2/apps",
      methods: {
        GET: (request) => listApps(service, request),
        POST: (request) => createApp(service, access, request),
        PUT: (request) => updateApps(service, access, request),
        PATCH: (request) => updateApps(service, access, request),
      },
    },
    appPathRoutes({
      app: {
        GET: (request, id) => showApp(service, request, id),
        PUT: (request, id) => updateApp(service, access, request, id),
        PATCH: (request, id) => updateApp(service, access, request, id),
        DELETE: (request, id) => changeWhole(service, access, request, id, "deleteApp"),
      },
      restart: { POST: (request, id) => changeWhole(service, access, request, id, "restartApp") },
      tasks: {
        GET: (request, id) => listAppTasks(service, request, id),
        DELETE: (request, id) => deleteAppTasks(service, access, request, id),
      },
      task: {
        DELETE: (request, id, taskId) => deleteAppTask(service, access, request, id, taskId),
      },
      versions: { GET: (_request, id) => listVersions(service, id) },
      version: { GET: (_request, id, version) => showVersion(service, id, version) },
    }),
  ];
}

async function listApps(service: MarathonService, request: HttpRequest): Promise<HttpReply> {
  const selected = selectorOf(request);
  if (!selected.ok) return refusalReply(selected.error);
  const embed = { counts: true, deployments: true, ...embedOf(request) };
  const apps = await service.read((world, now) => selectApps(world, now, selected.value, embed));
  return jsonReply(200, { apps });
}

function selectApps(
  world: World,
  now: Now,
  selects: (app: VersionedApp) => boolean,
  embed: AppEmbed,
): readonly AppInfo[] {
  return [...world.apps.values()].flatMap((app) =>
    app.visible !== undefined && selects(app.visible) ? [toAppInfo(world, now, app, embed)] : [],
  );
}

/** The `cmd`, `id` and `label` parameters. */
function selectorOf(request: HttpRequest): Result<(app: VersionedApp) => boolean, MarathonRefusal> {
  const cmd = request.query.get("cmd")?.toLowerCase();
  const id = request.query.get("id")?.toLowerCase();
  const label = request.query.get("label");
  const labels = label === null || label === "" ? ok(() => true) : parseLabelSelector(label);
  if (!labels.ok) {
    return { ok: false, error: { code: "INVALID_OBJECT", message: labels.error.message } };
  }
  return ok(
    (app) =>
      (cmd === undefined || (app.cmd ?? "").toLowerCase().includes(cmd)) &&
      (id === undefined || app.id.toLowerCase().includes(id)) &&
      labels.value(app.labels),
  );
}

/** The `embed` parameters; `app.` and `apps.` mean the same. */
function embedOf(request: HttpRequest): AppEmbed {
  const wanted = new Set(
    request.query.getAll("embed").map((name) => name.replace(/^apps?\./u, "")),
  );
  const failures = wanted.has("failures");
  return {
    ...(wanted.has("tasks") || failures ? { tasks: true } : {}),
    ...(wanted.has("counts") ? { counts: true } : {}),
    ...(wanted.has("deployments") ? { deployments: true } : {}),
    ...(wanted.has("lastTaskFailure") || failures ? { lastTaskFailure: true } : {}),
    ...(wanted.has("taskStats") ? { taskStats: true } : {}),
    ...(wanted.has("readiness") ? { readiness: true } : {}),
  };
}

function asksWarnings(request: HttpRequest): boolean {
  return request.query.getAll("embed").includes("app.warnings");
}

function createApp(
  service: MarathonService,
  access: Access,
  request: HttpRequest,
): Promise<HttpReply> {
  return carryOut(service, access, request, bodyOf(request, parseAppInput), (input) => ({
    type: "createApp",
    input,
    force: flagOf(request, "force"),
    warnings: asksWarnings(request),
  }));
}

function updateApps(
  service: MarathonService,
  access: Access,
  request: HttpRequest,
): Promise<HttpReply> {
  return carryOut(service, access, request, bodyOf(request, parseAppInputs), (inputs) => ({
    type: "updateApps",
    inputs,
    ...updateMode(request),
  }));
}

/** One app, or with a last `*` all apps of a group. */
function showApp(service: MarathonService, request: HttpRequest, path: string): Promise<HttpReply> {
  const embed = { ...embedAll, ...embedOf(request), warnings: asksWarnings(request) };
  if (path === "*" || path.endsWith("/*")) {
    const group = `/${path.slice(0, -1)}`;
    return service.read((world, now) =>
      jsonReply(200, {
        "*": selectApps(world, now, (app) => app.id.startsWith(group), embed),
      }),
    );
  }
  return withVisibleApp(service, path, (world, now, id) => {
    const app = world.apps.get(id);
    return app === undefined
      ? refusalReply(appNotFound(id))
      : jsonReply(200, { app: toAppInfo(world, now, app, embed) });
  });
}

function updateApp(
  service: MarathonService,
  access: Access,
  request: HttpRequest,
  path: string,
): Promise<HttpReply> {
  const id = appIdOf(path);
  if (!id.ok) return Promise.resolve(refusalReply(id.error));
  return carryOut(service, access, request, bodyOf(request, parseAppInput), (input) => ({
    type: "updateApp",
    id: id.value,
    input,
    ...updateMode(request),
  }));
}

/** `deleteApp` or `restartApp`. */
function changeWhole(
  service: MarathonService,
  access: Access,
  request: HttpRequest,
  path: string,
  type: "deleteApp" | "restartApp",
): Promise<HttpReply> {
  return carryOut(service, access, request, appIdOf(path), (id) => ({
    type,
    id,
    force: flagOf(request, "force"),
  }));
}

function listVersions(service: MarathonService, path: string): Promise<HttpReply> {
  return withVisibleApp(service, path, (world, _now, id) => {
    const versions = [...(world.apps.get(id)?.versions.keys() ?? [])];
    return jsonReply(200, { versions: versions.toSorted().toReversed() });
  });
}

function showVersion(service: MarathonService, path: string, version: string): Promise<HttpReply> {
  return withVisibleApp(service, path, (world, _now, id) => {
    const found = world.apps.get(id)?.versions.get(version);
    return found === undefined ? refusalReply(appNotFound(id, version)) : jsonReply(200, found);
  });
}
