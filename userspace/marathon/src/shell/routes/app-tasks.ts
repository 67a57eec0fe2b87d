import { jsonReply } from "@tutti/http";
import type { HttpReply, HttpRequest } from "@tutti/http";
import { tasksOfApp } from "../../core/index.ts";
import { commandReply, refusalReply } from "../replies.ts";
import { appIdOf, flagOf, sourceOf } from "../requests.ts";
import type { Access } from "../requests.ts";
import type { MarathonService } from "../service.ts";
import { withVisibleApp } from "./visible-app.ts";
import { endpointsReply, wantsText } from "./task-endpoints.ts";

/** `GET /v2/apps/{id}/tasks`, as JSON or as lines of endpoints. */
export function listAppTasks(
  service: MarathonService,
  request: HttpRequest,
  path: string,
): Promise<HttpReply> {
  return withVisibleApp(service, path, (world, _now, id) => {
    const app = world.apps.get(id);
    if (app === undefined) return jsonReply(200, { tasks: [] });
    return wantsText(request)
      ? endpointsReply(world, [app])
      : jsonReply(200, { tasks: tasksOfApp(world, app) });
  });
}

/** `DELETE /v2/apps/{id}/tasks`. */
export async function deleteAppTasks(
  service: MarathonService,
  access: Access,
  request: HttpRequest,
  path: string,
): Promise<HttpReply> {
  return kill(service, access, request, path, undefined);
}

/** `DELETE /v2/apps/{id}/tasks/{taskId}`: answers with the one task. */
export async function deleteAppTask(
  service: MarathonService,
  access: Access,
  request: HttpRequest,
  path: string,
  taskId: string,
): Promise<HttpReply> {
  return kill(service, access, request, path, taskId);
}

async function kill(
  service: MarathonService,
  access: Access,
  request: HttpRequest,
  path: string,
  taskId: string | undefined,
): Promise<HttpReply> {
  const id = appIdOf(path);
  if (!id.ok) return refusalReply(id.error);
  const host = request.query.get("host");
  const reply = await service.command(sourceOf(access, request), {
    type: "killAppTasks",
    appId: id.value,
    ...(host === null || host === "*" ? {} : { host }),
    ...(taskId === undefined ? {} : { taskId }),
    scale: flagOf(request, "scale"),
    wipe: flagOf(request, "wipe"),
    force: flagOf(request, "force"),
  });
  const [task] = reply.type === "tasksKilled" ? reply.tasks : [];
  return taskId !== undefined && task !== undefined
    ? jsonReply(200, { task })
    : commandReply(reply);
}
