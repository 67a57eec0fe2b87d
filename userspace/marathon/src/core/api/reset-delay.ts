import { appNotFound } from "@tutti/marathon-v2";
import type { ApiReply, ApiRequest } from "../types.ts";
import type { World } from "../world.ts";
import { refused } from "./refused.ts";

/** `DELETE /v2/queue/{id}/delay`: launch again at once. */
export function resetDelay(
  world: World,
  request: Extract<ApiRequest, { readonly type: "resetDelay" }>,
): ApiReply {
  const app = world.apps.get(request.appId);
  if (app === undefined || app.launch.wanted === 0) {
    return refused({
      ...appNotFound(request.appId),
      message: `Application ${request.appId} not found in tasks queue.`,
    });
  }
  app.launch.resetBackoff();
  world.demand.note(app.offerRoles());
  world.dirty.add(app.id);
  return { type: "delayReset" };
}
