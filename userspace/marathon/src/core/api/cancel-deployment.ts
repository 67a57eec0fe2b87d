import type { Env } from "@tutti/machine";
import { cancelDeployments } from "../advance-deployment.ts";
import { startDeployment } from "../start-deployment.ts";
import type { WantedChange } from "../start-deployment.ts";
import type { ApiReply, ApiRequest } from "../types.ts";
import type { World } from "../world.ts";
import { withoutVersion } from "./change-apps.ts";
import { refused } from "./refused.ts";

/**
 * `DELETE /v2/deployments/{id}`: undoes it by a new deployment to what was before; with `force` it only
 * ends and leaves everything as it is. Rule MAR28.
 */
export function cancelDeployment(
  world: World,
  env: Env,
  request: Extract<ApiRequest, { readonly type: "cancelDeployment" }>,
): ApiReply {
  const deployment = world.deployments.get(request.id);
  if (deployment === undefined) {
    return refused({ code: "NOT_FOUND", message: `DeploymentPlan ${request.id} does not exist` });
  }
  if (request.force) {
    cancelDeployments(world, env, [request.id], "ended by its user");
    return { type: "deploymentStopped" };
  }
  const changes = deployment.changes.map((change): WantedChange => {
    const app = world.apps.get(change.app);
    const original = change.original === undefined ? undefined : app?.versions.get(change.original);
    if (original === undefined) return { app: change.app };
    return { app: change.app, definition: withoutVersion(original), isRollback: true };
  });
  const started = startDeployment(world, env, changes, { force: true });
  if (!started.ok) return refused(started.error);
  return {
    type: "deploymentStarted",
    deploymentId: started.value.id,
    version: started.value.version,
  };
}
