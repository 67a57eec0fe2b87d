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
/** That a machine is away is newer than all of a life, and may take its place in one write; its end it is not. */
const away: ReadonlySet<TaskState | undefined> = new Set(["TASK_UNREACHABLE", "TASK_UNKNOWN"]);
const awayReached = 3;

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
      const isAway = away.has(durable.byTask.get(taskId)?.taskState);
      const reached = Math.max(furthest.get(taskId) ?? -1, isAway ? awayReached : -1);
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

/** Of an instance that was given up only its end counts: Marathon does not note how it is killed. */
function reachedBy({ lost, taskState }: Instance): number {
  const reached = progressOf(taskState);
  return lost === true ? Math.max(reached, progressOf("TASK_KILLING")) : reached;
}

/** Of what is no part of a life, nothing. */
function progressOf(state: TaskState): number {
  return isTerminal(state) ? over : (progress[state] ?? 0);
}
