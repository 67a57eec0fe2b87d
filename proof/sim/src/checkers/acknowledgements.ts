import type { Instance } from "@tutti/marathon/core";
import { isTerminal } from "@tutti/mesos-v1";
import type { TaskState } from "@tutti/mesos-v1";
import { demand } from "../violation.ts";
import type { Judged } from "./checker.ts";

/** How far a task has come. */
const progress: Partial<Readonly<Record<TaskState, number>>> = {
  TASK_STAGING: 0,
  TASK_STARTING: 1,
  TASK_RUNNING: 2,
  TASK_KILLING: 3,
};
const over = Infinity;

/**
 * When an agent may forget an update, Marathon knows it durably: of each task the furthest that was ever
 * durable counts, and its end only once its record was removed or says so. Rule SIM11.
 */
export function watchAcknowledgements({ cluster, durable }: Judged): void {
  const furthest = new Map<string, number>();
  durable.onCommit(({ instances }) => {
    for (const { before, after } of instances) {
      const taskId = (after ?? before)?.taskId;
      if (taskId === undefined) continue;
      const reached = after === undefined ? over : reachedBy(after);
      furthest.set(taskId, Math.max(furthest.get(taskId) ?? 0, reached));
    }
  });
  cluster.addObserver(
    (observation) => {
      if (observation.type !== "updateAcknowledged") return;
      const { taskId, state, node } = observation;
      const reached = furthest.get(taskId) ?? -1;
      demand(
        reached >= progressOf(state),
        "SIM11",
        () =>
          `${node} may forget that ${cluster.nameOf(taskId)} is ${state}, ` +
          `but Marathon's durable record says ${durable.byTask.get(taskId)?.taskState ?? "nothing"}`,
      );
    },
    ["updateAcknowledged"],
  );
}

/**
 * Of an instance that was lost and is not wanted any more only its end counts: that it is to be killed when it
 * comes back is durable, and Marathon does not note how.
 */
function reachedBy({ lost, goal, taskState }: Instance): number {
  const reached = progressOf(taskState);
  const isGivenUp = lost === true && goal === "Decommissioned";
  return isGivenUp ? Math.max(reached, progressOf("TASK_KILLING")) : reached;
}

/** Of what is no part of a life, nothing. */
function progressOf(state: TaskState): number {
  return isTerminal(state) ? over : (progress[state] ?? 0);
}
