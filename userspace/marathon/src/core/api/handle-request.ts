import { assertNever } from "@tutti/base";
import type { Env } from "@tutti/machine";
import { authorise } from "../principal.ts";
import type { Action } from "../principal.ts";
import type { ApiReply, ApiRequest, RequestEvent } from "../types.ts";
import type { World } from "../world.ts";
import { cancelDeployment } from "./cancel-deployment.ts";
import { createApp } from "./create-app.ts";
import { deleteApp } from "./delete-app.ts";
import { killAppTasks, killTasks } from "./kill-tasks.ts";
import { refused } from "./refused.ts";
import { resetDelay } from "./reset-delay.ts";
import { restartApp } from "./restart-app.ts";
import { updateApp, updateApps } from "./update-apps.ts";

const actions: Readonly<Record<ApiRequest["type"], Action>> = {
  createApp: "createApp",
  updateApp: "updateApp",
  updateApps: "updateApp",
  deleteApp: "deleteApp",
  restartApp: "restartApp",
  killAppTasks: "killTask",
  killTasks: "killTask",
  cancelDeployment: "cancelDeployment",
  resetDelay: "resetDelay",
};

/** Carries out a request, or refuses it; answers in either case. */
export function handleRequest(world: World, env: Env, event: RequestEvent): void {
  const { request, principal } = event;
  const reply = authorise(principal, actions[request.type], objectOf(request))
    ? perform(world, env, event)
    : refused({
        code: "UNAUTHENTICATED",
        message:
          "This needs the cluster's secret: send it as 'Authorization: Bearer SECRET'. " +
          "The command that started the cluster printed it.",
      });
  world.reply(event.requestId, reply);
}

function perform(world: World, env: Env, event: RequestEvent): ApiReply {
  const { request } = event;
  switch (request.type) {
    case "createApp":
      return createApp(world, env, event, request);
    case "updateApp":
      return updateApp(world, env, event, request);
    case "updateApps":
      return updateApps(world, env, event, request);
    case "deleteApp":
      return deleteApp(world, env, event, request);
    case "restartApp":
      return restartApp(world, env, request);
    case "killAppTasks":
      return killAppTasks(world, env, request);
    case "killTasks":
      return killTasks(world, env, request);
    case "cancelDeployment":
      return cancelDeployment(world, env, request);
    case "resetDelay":
      return resetDelay(world, request);
    default:
      return assertNever(request);
  }
}

/** What the request is about, for the decision who may. */
function objectOf(request: ApiRequest): string {
  switch (request.type) {
    case "createApp":
      return request.input.id ?? "";
    case "updateApp":
    case "deleteApp":
    case "restartApp":
    case "cancelDeployment":
      return request.id;
    case "killAppTasks":
    case "resetDelay":
      return request.appId;
    case "updateApps":
    case "killTasks":
      return "/";
    default:
      return assertNever(request);
  }
}
