import { isTerminal } from "@tutti/mesos-v1";
import type { Task, TaskInfo, TaskState, TaskStatus } from "@tutti/mesos-v1";
import { addCharge, subtractCharge } from "../charge.ts";
import type { Turn } from "../turn.ts";
import { requestAllocation } from "../turn.ts";
import type { MasterTask } from "./master-task.ts";

/** The task as the APIs show it, from what a framework asked to launch. */
export function taskOfInfo(info: TaskInfo, frameworkId: string): Task {
  // Filled in place: a spread for each field that may be absent costs several times as much.
  const task: { -readonly [Field in keyof Task]: Task[Field] } = {
    name: info.name,
    task_id: info.task_id,
    framework_id: { value: frameworkId },
    agent_id: info.agent_id,
    state: "TASK_STAGING",
  };
  if (info.executor !== undefined) task.executor_id = info.executor.executor_id;
  if (info.resources !== undefined) task.resources = info.resources;
  if (info.labels !== undefined) task.labels = info.labels;
  if (info.discovery !== undefined) task.discovery = info.discovery;
  if (info.container !== undefined) task.container = info.container;
  if (info.health_check !== undefined) task.health_check = info.health_check;
  if (info.kill_policy !== undefined) task.kill_policy = info.kill_policy;
  if (info.command?.user !== undefined) task.user = info.command.user;
  if (info.limits !== undefined) task.limits = info.limits;
  return task;
}

/** Whether a task has reached an end, acknowledged or not: then it holds no resources. */
export function isEnded(task: MasterTask): boolean {
  return isTerminal(task.state);
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
  const ended = task.withStatus(status, status.state, turn.state.shared);
  turn.state.putTask(ended);
  turn.state.completeTask(ended);
}
