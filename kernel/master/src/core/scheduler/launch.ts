import { known, parseTaskId } from "@tutti/ids";
import type { Resource, TaskInfo } from "@tutti/mesos-v1";
import { Resources } from "@tutti/resources";
import type { Framework } from "../entities.ts";
import { sendStatus, statusOfMaster, tellOperators } from "../send.ts";
import { MasterTask } from "../tasks/master-task.ts";
import { sendLaunch } from "../tasks/send-launch.ts";
import { taskOfInfo } from "../tasks/task-lifecycle.ts";
import type { Turn } from "../turn.ts";
import { log } from "../turn.ts";
import { faultOfTask } from "../validation/task.ts";
import type { Purse } from "./purse.ts";

/**
 * LAUNCH: each task is checked by itself; a bad one is TASK_ERROR and takes nothing, the others run.
 * Rules MST50 to MST57.
 */
export function launchTasks(
  turn: Turn,
  framework: Framework,
  purse: Purse,
  infos: readonly TaskInfo[],
): void {
  turn.state.metrics.count("messages_launch_tasks");
  for (const given of infos) {
    const info = withAllocation(given, purse.role);
    const resources = Resources.parse(info.resources ?? []);
    const fault = faultOfTask(turn, framework, purse, info, resources);
    if (fault === undefined) launchTask(turn, framework, purse, info, known(resources));
    else refuseTask(turn, framework, info, fault);
  }
}

/** Resources that do not say to whom they are allocated belong to the offer's role. Rule MST51. */
function withAllocation(info: TaskInfo, role: string): TaskInfo {
  const resources = info.resources?.map((resource): Resource =>
    resource.allocation_info === undefined ? { ...resource, allocation_info: { role } } : resource,
  );
  return resources === undefined ? info : { ...info, resources };
}

function launchTask(
  turn: Turn,
  framework: Framework,
  purse: Purse,
  info: TaskInfo,
  resources: Resources,
): void {
  const { state } = turn;
  const task = MasterTask.of(
    {
      frameworkId: framework.id,
      taskId: known(parseTaskId(info.task_id.value)),
      agentId: purse.agentId,
      task: taskOfInfo(info, framework.id),
      resources,
      launch: { info, principal: framework.principalName },
    },
    state.shared,
  );
  purse.remaining = purse.remaining.subtract(resources);
  state.putTask(task);
  purse.used = purse.used.add(resources);
  tellOperators(turn, () => ({ type: "TASK_ADDED", task_added: { task: task.task } }));
  const session = state.sessions.get(purse.agentId);
  // Without a session it goes out in the agent's next one, or is lost with the agent.
  if (session !== undefined) sendLaunch(turn, session, task);
}

function refuseTask(turn: Turn, framework: Framework, info: TaskInfo, fault: string): void {
  logRefusedLaunch(turn, framework, info, fault);
  turn.state.metrics.count("tasks_error");
  turn.state.metrics.countOf(framework.id, "tasks/terminal/task_error");
  sendStatus(
    turn,
    framework,
    statusOfMaster(turn, {
      taskId: info.task_id.value,
      agentId: info.agent_id.value,
      state: "TASK_ERROR",
      reason: "REASON_TASK_INVALID",
      message: fault,
    }),
  );
}

/** A launch that is refused is worth a line: its framework may not show it to anybody. */
export function logRefusedLaunch(
  turn: Turn,
  framework: Framework,
  info: TaskInfo,
  reason: string,
): void {
  log(turn, {
    what: "launchRefused",
    frameworkId: framework.id,
    taskId: info.task_id.value,
    agentId: info.agent_id.value,
    reason,
  });
}
