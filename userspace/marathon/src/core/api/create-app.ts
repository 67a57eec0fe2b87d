import { parseAppId } from "@tutti/ids";
import type { Env } from "@tutti/machine";
import { validateApp } from "@tutti/marathon-v2";
import { present } from "@tutti/base";
import { startDeployment } from "../start-deployment.ts";
import type { ApiReply, ApiRequest, RequestEvent } from "../types.ts";
import { toAppInfo } from "../views/app-info.ts";
import type { World } from "../world.ts";
import { publishApiPost } from "./change-apps.ts";
import { refused } from "./refused.ts";

/** `POST /v2/apps`. Refuses an id that is taken. Rule MAR3. */
export function createApp(
  world: World,
  env: Env,
  event: RequestEvent,
  request: Extract<ApiRequest, { readonly type: "createApp" }>,
): ApiReply {
  const id = parseAppId(request.input.id ?? "");
  if (id.ok && world.apps.get(id.value)?.visible !== undefined) {
    return refused({
      code: "CONFLICT",
      message: `An app with id [${id.value}] already exists.`,
    });
  }
  const { version: _version, ...input } = request.input;
  const valid = validateApp(input, world.options);
  if (!valid.ok) return refused(valid.error);
  const change = { app: valid.value.id, definition: valid.value };
  const started = startDeployment(world, env, [change], request);
  if (!started.ok) return refused(started.error);
  publishApiPost(world, env, event, change);
  const app = present(world.apps.get(change.app), "the app just created");
  const { warnings = false } = request;
  const embed = { tasks: true, counts: true, deployments: true, warnings };
  return {
    type: "appCreated",
    app: toAppInfo(world, env, app, embed),
    deploymentId: started.value.id,
  };
}
