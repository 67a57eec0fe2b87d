import { jsonReply } from "@tutti/http";
import type { HttpReply, HttpRequest, Route } from "@tutti/http";
import { parseTaskIds } from "@tutti/marathon-v2";
import type { Task } from "@tutti/marathon-v2";
import { allTasks } from "../../core/index.ts";
import { flagOf } from "../requests.ts";
import type { Access } from "../requests.ts";
import type { MarathonService } from "../service.ts";
import { bodyOf, carryOut } from "./commands.ts";
import { endpointsReply, wantsText } from "./task-endpoints.ts";

/** `/v2/tasks` and `/v2/tasks/delete`. */
export function taskRoutes(service: MarathonService, access: Access): readonly Route[] {
  return [
    { path: "/v2/tasks", methods: { GET: (request) => listTasks(service, request) } },
    {
      path: "/v2/tasks/delete",
      methods: { POST: (request) => deleteTasks(service, access, request) },
    },
  ];
}

function listTasks(service: MarathonService, request: HttpRequest): Promise<HttpReply> {
  const wanted = new Set([...request.query.getAll("status"), ...request.query.getAll("status[]")]);
  return service.read((world) => {
    if (wantsText(request)) {
      return endpointsReply(
        world,
        [...world.apps.values()].filter(({ visible }) => visible !== undefined),
      );
    }
    const tasks = allTasks(world).filter((task) => wanted.size === 0 || wanted.has(statusOf(task)));
    return jsonReply(200, { tasks });
  });
}

/** The words of the `status` parameter. */
function statusOf(task: Task): string {
  if (task.state === "TASK_RUNNING") return "running";
  return task.state === "TASK_STAGING" || task.state === "TASK_STARTING" ? "staging" : "";
}

function deleteTasks(
  service: MarathonService,
  access: Access,
  request: HttpRequest,
): Promise<HttpReply> {
  return carryOut(service, access, request, bodyOf(request, parseTaskIds), (taskIds) => ({
    type: "killTasks",
    taskIds,
    scale: flagOf(request, "scale"),
    wipe: flagOf(request, "wipe"),
    force: flagOf(request, "force"),
  }));
}
