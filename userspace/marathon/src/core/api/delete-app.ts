import type { Env } from "@tutti/machine";
import { startDeployment } from "../start-deployment.ts";
import type { ApiReply, ApiRequest, RequestEvent } from "../types.ts";
import type { World } from "../world.ts";
import { publishApiPost, visibleApp } from "./change-apps.ts";
import { refused } from "./refused.ts";

/** `DELETE /v2/apps/{id}`: gone from sight at once, its instances are stopped. Rule MAR6. */
export function deleteApp(
  world: World,
  env: Env,
  event: RequestEvent,
  request: Extract<ApiRequest, { readonly type: "deleteApp" }>,
): ApiReply {
  const app = visibleApp(world, request.id);
  if (!app.ok) return refused(app.error);
  const change = { app: request.id };
  const started = startDeployment(world, env, [change], request);
  if (!started.ok) return refused(started.error);
  publishApiPost(world, env, event, change);
  return {
    type: "deploymentStarted",
    deploymentId: started.value.id,
    version: started.value.version,
  };
}
