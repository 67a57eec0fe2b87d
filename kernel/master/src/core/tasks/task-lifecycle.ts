import { isTerminal } from "@tutti/mesos-v1";
import type { Task, TaskInfo, TaskState, TaskStatus } from "@tutti/mesos-v1";
import { addCharge, subtractCharge } from "../charge.ts";
import type { MasterTask } from "../entities.ts";
import { limits } from "../limits.ts";
import type { Turn } from "../turn.ts";
import { requestAllocation } from "../turn.ts";

/** The task as the APIs show it, from what a framework asked to launch. */
export function taskOfInfo(info: TaskInfo, frameworkId: string): Task {
  const user = info.command?.user;
  return {
    name: info.name,
    task_id: info.task_id,
    framework_id: { value: frameworkId },
    ...(info.executor === undefined ? {} : { executor_id: info.executor.executor_id }),
    agent_id: info.agent_id,
    state: "TASK_STAGING",
    ...(info.resources === undefined ? {} : { resources: info.resources }),
    ...(info.labels === undefined ? {} : { labels: info.labels }),
    ...(info.discovery === undefined ? {} : { discovery: info.discovery }),
    ...(info.container === undefined ? {} : { container: info.container }),
    ...(info.health_check === undefined ? {} : { health_check: info.health_check }),
    ...(info.kill_policy === undefined ? {} : { kill_policy: info.kill_policy }),
    ...(user === undefined ? {} : { user }),
    ...(info.limits === undefined ? {} : { limits: info.limits }),
  };
}

/**
 * The task after a status. A status of the same state as the last takes its place, so that repeated
 * updates and health reports do not pile up. Rule MST63.
 */
export function withStatus(task: Task, status: TaskStatus, latestState: TaskState): Task {
  const { data: _data, ...kept } = status;
  const before = task.statuses ?? [];
  const head = before.at(-1)?.state === status.state ? before.slice(0, -1) : before;
  return {
    ...task,
    state: isTerminal(task.state) ? task.state : latestState,
    statuses: [...head, kept].slice(-limits.statusesPerTaskMax),
    status_update_state: status.state,
    ...(status.uuid === undefined ? {} : { status_update_uuid: status.uuid }),
  };
}

/** Whether a task has reached an end, acknowledged or not: then it holds no resources. */
export function isEnded(task: MasterTask): boolean {
  return isTerminal(task.task.state);
}

/** Charges a task that is not terminal to its agent and framework. The allocator is told by the caller. */
export function chargeTask(turn: Turn, task: MasterTask): void {
  if (!isEnded(task)) addCharge(turn, "used", task, task.resources);
}

/** Frees what an ending task held, in the books and in the allocator. */
export function releaseTask(turn: Turn, task: MasterTask): void {
  subtractCharge(turn, "used", task, task.resources);
  turn.allocator.recoverResources(task.frameworkId, task.agentId, task.resources, undefined);
  requestAllocation(turn);
}

/** Counts a task's end by its state. */
export function countTerminal(turn: Turn, task: MasterTask, state: TaskState): void {
  const name = state.toLowerCase();
  turn.state.metrics.count(name.replace("task_", "tasks_"));
  turn.state.metrics.countOf(task.frameworkId, `tasks/terminal/${name}`);
}

/** Ends a task that its agent will not report on: its last status is kept in the history. */
export function endTask(turn: Turn, task: MasterTask, status: TaskStatus): void {
  if (!isEnded(task)) releaseTask(turn, task);
  countTerminal(turn, task, status.state);
  const ended = { ...task, task: withStatus(task.task, status, status.state) };
  turn.state.putTask(ended);
  turn.state.completeTask(ended);
}
