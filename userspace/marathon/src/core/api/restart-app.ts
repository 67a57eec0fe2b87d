import type { Env } from "@tutti/machine";
import { startDeployment } from "../start-deployment.ts";
import type { ApiReply, ApiRequest } from "../types.ts";
import type { World } from "../world.ts";
import { visibleApp, withoutVersion } from "./change-apps.ts";
import { refused } from "./refused.ts";

/** `POST /v2/apps/{id}/restart`: a rolling upgrade to the same definition. */
export function restartApp(
  world: World,
  env: Env,
  request: Extract<ApiRequest, { readonly type: "restartApp" }>,
): ApiReply {
  const app = visibleApp(world, request.id);
  if (!app.ok) return refused(app.error);
  const change = { app: request.id, definition: withoutVersion(app.value), restart: true };
  const started = startDeployment(world, env, [change], request);
  if (!started.ok) return refused(started.error);
  return {
    type: "deploymentStarted",
    deploymentId: started.value.id,
    version: started.value.version,
  };
}
