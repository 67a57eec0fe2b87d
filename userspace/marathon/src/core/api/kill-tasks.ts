import type { Env } from "@tutti/machine";
import type { MarathonRefusal } from "@tutti/marathon-v2";
import type { AppState } from "../app-state.ts";
import type { Instance } from "../instance.ts";
import { decommission } from "../kill-instance.ts";
import { startDeployment } from "../start-deployment.ts";
import type { WantedChange } from "../start-deployment.ts";
import type { ApiReply, ApiRequest } from "../types.ts";
import { toTask } from "../views/tasks.ts";
import type { World } from "../world.ts";
import { visibleApp, withoutVersion } from "./change-apps.ts";
import { refused } from "./refused.ts";

interface Chosen {
  readonly app: AppState;
  readonly instance: Instance;
}

/** `DELETE /v2/apps/{id}/tasks[/{taskId}]`. Rule MAR7. */
export function killAppTasks(
  world: World,
  env: Env,
  request: Extract<ApiRequest, { readonly type: "killAppTasks" }>,
): ApiReply {
  const visible = visibleApp(world, request.appId);
  if (!visible.ok) return refused(visible.error);
  const app = world.apps.get(request.appId);
  const instances = app === undefined ? [] : [...world.shownInstances(app)];
  const chosen = instances.filter(
    (instance) =>
      (request.host === undefined || instance.host === request.host) &&
      (request.taskId === undefined ||
        instance.taskId === request.taskId ||
        instance.id === request.taskId),
  );
  if (app === undefined || (request.taskId !== undefined && chosen.length === 0)) {
    return refused({ code: "NOT_FOUND", message: `Task '${request.taskId ?? ""}' does not exist` });
  }
  return kill(
    world,
    env,
    chosen.map((instance) => ({ app, instance })),
    request,
  );
}

/** `POST /v2/tasks/delete`. Ids that are not known are passed over. */
export function killTasks(
  world: World,
  env: Env,
  request: Extract<ApiRequest, { readonly type: "killTasks" }>,
): ApiReply {
  const chosen = request.taskIds.flatMap((id) => world.instanceOfTask(id) ?? []);
  return kill(world, env, chosen, request);
}

function kill(
  world: World,
  env: Env,
  chosen: readonly Chosen[],
  options: { readonly scale: boolean; readonly wipe: boolean; readonly force: boolean },
): ApiReply {
  if (options.scale && options.wipe) return refused(scaleAndWipe);
  const tasks = chosen.map(({ app, instance }) => toTask(app, instance));
  if (options.scale && chosen.length > 0) {
    const started = startDeployment(world, env, scaledDown(chosen), options);
    if (!started.ok) return refused(started.error);
    for (const { app, instance } of chosen) decommissionNow(world, env, app, instance);
    return {
      type: "deploymentStarted",
      deploymentId: started.value.id,
      version: started.value.version,
    };
  }
  for (const { app, instance } of chosen) decommissionNow(world, env, app, instance);
  return { type: "tasksKilled", tasks };
}

const scaleAndWipe: MarathonRefusal = {
  code: "BAD_REQUEST",
  message: "You cannot use scale and wipe at the same time.",
};

/** The instance as it is now: an earlier one of the same call may have changed it. */
function decommissionNow(world: World, env: Env, app: AppState, instance: Instance): void {
  const present = app.instances.get(instance.id);
  if (present !== undefined) decommission(world, env, app, present);
}

function scaledDown(chosen: readonly Chosen[]): readonly WantedChange[] {
  const counts = new Map<AppState, number>();
  for (const { app, instance } of chosen) {
    if (instance.goal === "Running") counts.set(app, (counts.get(app) ?? 0) + 1);
  }
  return [...counts].flatMap(([app, count]) => {
    const { visible } = app;
    if (visible === undefined) return [];
    const instances = Math.max(0, visible.instances - count);
    return [{ app: app.id, definition: { ...withoutVersion(visible), instances } }];
  });
}
