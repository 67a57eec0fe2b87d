import type { TaskState, TaskStatus } from "@tutti/mesos-v1";
import { limits } from "./limits.ts";
import type { TaskRun } from "./records.ts";

const terminalStates: ReadonlySet<TaskState> = new Set<TaskState>([
  "TASK_FINISHED",
  "TASK_FAILED",
  "TASK_KILLED",
  "TASK_ERROR",
  "TASK_LOST",
  "TASK_DROPPED",
  "TASK_GONE",
  "TASK_GONE_BY_OPERATOR",
]);

/** Whether an agent says no more about a task in `state`. */
export function isTerminal(state: TaskState): boolean {
  return terminalStates.has(state);
}

/**
 * The run with one more status, to be sent unless the task is silent. A report of a check that was
 * never sent gives way to a newer one, so a task that is ill while no master listens holds one, not
 * thousands. Rule AGT9.
 */
export function addStatus(run: TaskRun, status: TaskStatus): TaskRun {
  return {
    ...run,
    state: status.state,
    statuses: withNewest(run.statuses, status),
    pending: run.silent ? [] : withPending(run.pending, status),
  };
}

/** The run without its first pending update when that is `uuid`; undefined when it is another. */
export function acknowledgeStatus(run: TaskRun, uuid: string): TaskRun | undefined {
  const [first, ...rest] = run.pending;
  if (first === undefined || first.uuid !== uuid) return undefined;
  return { ...run, pending: rest, acknowledged: { state: first.state, uuid } };
}

function withNewest(statuses: readonly TaskStatus[], status: TaskStatus): readonly TaskStatus[] {
  return [...statuses.filter(({ state }) => state !== status.state), status].slice(
    -limits.statusesMax,
  );
}

/** The first may have been sent, and then its place is taken. */
function withPending(pending: readonly TaskStatus[], status: TaskStatus): readonly TaskStatus[] {
  const last = pending.length > 1 ? pending.at(-1) : undefined;
  const replaced = last !== undefined && isCheckReport(last) && isCheckReport(status);
  return [...(replaced ? pending.slice(0, -1) : pending), status];
}

function isCheckReport(status: TaskStatus): boolean {
  return (
    status.state === "TASK_RUNNING" &&
    (status.reason === "REASON_TASK_HEALTH_CHECK_STATUS_UPDATED" ||
      status.reason === "REASON_TASK_CHECK_STATUS_UPDATED")
  );
}
