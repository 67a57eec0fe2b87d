import { ok } from "@tutti/base";
import type { Result } from "@tutti/base";
import type { Env } from "@tutti/machine";
import { invalidObject } from "@tutti/marathon-v2";
import type { MarathonRefusal } from "@tutti/marathon-v2";
import { startDeployment } from "../start-deployment.ts";
import type { WantedChange } from "../start-deployment.ts";
import type { ApiReply, ApiRequest, RequestEvent } from "../types.ts";
import type { World } from "../world.ts";
import { changeOf, publishApiPost } from "./change-apps.ts";
import { refused } from "./refused.ts";

/** `PUT` and `PATCH /v2/apps/{id}`. Rules MAR4, MAR5. */
export function updateApp(
  world: World,
  env: Env,
  event: RequestEvent,
  request: Extract<ApiRequest, { readonly type: "updateApp" }>,
): ApiReply {
  const isNew = world.apps.get(request.id)?.visible === undefined;
  const change = changeOf(world, { ...request.input, id: request.id }, request);
  if (!change.ok) return refused(change.error);
  const started = startDeployment(world, env, [change.value], request);
  if (!started.ok) return refused(started.error);
  publishApiPost(world, env, event, change.value);
  return {
    type: "deploymentStarted",
    deploymentId: started.value.id,
    version: started.value.version,
    ...(isNew ? { createdApp: change.value.app } : {}),
  };
}

/** Bulk `PUT` and `PATCH /v2/apps`: all or nothing, in one deployment. */
export function updateApps(
  world: World,
  env: Env,
  event: RequestEvent,
  request: Extract<ApiRequest, { readonly type: "updateApps" }>,
): ApiReply {
  const changes = changesOf(world, request);
  if (!changes.ok) return refused(changes.error);
  const started = startDeployment(world, env, changes.value, request);
  if (!started.ok) return refused(started.error);
  for (const change of changes.value) publishApiPost(world, env, event, change);
  return {
    type: "deploymentStarted",
    deploymentId: started.value.id,
    version: started.value.version,
  };
}

function changesOf(
  world: World,
  request: Extract<ApiRequest, { readonly type: "updateApps" }>,
): Result<readonly WantedChange[], MarathonRefusal> {
  const changes: WantedChange[] = [];
  for (const [index, input] of request.inputs.entries()) {
    const change = changeOf(world, input, request, `(${index})`);
    if (!change.ok) return change;
    if (changes.some(({ app }) => app === change.value.app)) {
      const errors = [`${change.value.app} is there more than once`];
      return { ok: false, error: invalidObject([{ path: `(${index})/id`, errors }]) };
    }
    changes.push(change.value);
  }
  return ok(changes);
}
