import { ok } from "@tutti/base";
import type { Result } from "@tutti/base";
import { jsonReply } from "@tutti/http";
import type { HttpReply, HttpRequest, Route } from "@tutti/http";
import { appNotFound, parseAppInput, parseAppInputs, parseLabelSelector } from "@tutti/marathon-v2";
import type { AppInfo, MarathonRefusal, VersionedApp } from "@tutti/marathon-v2";
import { embedAll, toAppInfo } from "../../core/index.ts";
import type { AppEmbed, Now, World } from "../../core/index.ts";
import { commandReply, refusalReply } from "../replies.ts";
import { appIdOf, flagOf, jsonBody, sourceOf } from "../requests.ts";
import type { Access } from "../requests.ts";
import type { MarathonService } from "../service.ts";
import { appPathRoutes } from "./app-paths.ts";
import { deleteAppTask, deleteAppTasks, listAppTasks } from "./app-tasks.ts";
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
        DELETE: (request, id) => deleteApp(service, access, request, id),
      },
      restart: { POST: (request, id) => restartApp(service, access, request, id) },
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

async function createApp(
  service: MarathonService,
  access: Access,
  request: HttpRequest,
): Promise<HttpReply> {
  const body = jsonBody(request);
  if (!body.ok) return refusalReply(body.error);
  const input = parseAppInput(body.value);
  if (!input.ok) return refusalReply(input.error);
  return commandReply(
    await service.command(sourceOf(access, request), {
      type: "createApp",
      input: input.value,
      force: flagOf(request, "force"),
    }),
  );
}

async function updateApps(
  service: MarathonService,
  access: Access,
  request: HttpRequest,
): Promise<HttpReply> {
  const body = jsonBody(request);
  if (!body.ok) return refusalReply(body.error);
  const inputs = parseAppInputs(body.value);
  if (!inputs.ok) return refusalReply(inputs.error);
  const isPatch = request.method === "PATCH";
  return commandReply(
    await service.command(sourceOf(access, request), {
      type: "updateApps",
      inputs: inputs.value,
      partial: isPatch || flagOf(request, "partialUpdate", true),
      create: !isPatch,
      force: flagOf(request, "force"),
    }),
  );
}

/** One app, or with a last `*` all apps of a group. */
function showApp(service: MarathonService, request: HttpRequest, path: string): Promise<HttpReply> {
  const embed = { ...embedAll, ...embedOf(request) };
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

async function updateApp(
  service: MarathonService,
  access: Access,
  request: HttpRequest,
  path: string,
): Promise<HttpReply> {
  const id = appIdOf(path);
  if (!id.ok) return refusalReply(id.error);
  const body = jsonBody(request);
  if (!body.ok) return refusalReply(body.error);
  const input = parseAppInput(body.value);
  if (!input.ok) return refusalReply(input.error);
  const isPatch = request.method === "PATCH";
  return commandReply(
    await service.command(sourceOf(access, request), {
      type: "updateApp",
      id: id.value,
      input: input.value,
      partial: isPatch || flagOf(request, "partialUpdate", true),
      create: !isPatch,
      force: flagOf(request, "force"),
    }),
  );
}

async function deleteApp(
  service: MarathonService,
  access: Access,
  request: HttpRequest,
  path: string,
): Promise<HttpReply> {
  const id = appIdOf(path);
  if (!id.ok) return refusalReply(id.error);
  const force = flagOf(request, "force");
  const source = sourceOf(access, request);
  return commandReply(await service.command(source, { type: "deleteApp", id: id.value, force }));
}

async function restartApp(
  service: MarathonService,
  access: Access,
  request: HttpRequest,
  path: string,
): Promise<HttpReply> {
  const id = appIdOf(path);
  if (!id.ok) return refusalReply(id.error);
  const force = flagOf(request, "force");
  const source = sourceOf(access, request);
  return commandReply(await service.command(source, { type: "restartApp", id: id.value, force }));
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
