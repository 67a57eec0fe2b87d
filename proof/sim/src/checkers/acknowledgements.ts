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
export function watchAcknowledgements({ cluster, durable, decided }: Judged): void {
  const furthest = new Map<string, number>();
  const furthestDecided = new Map<string, number>();
  decided.onCommit(({ instances }) => {
    for (const { before, after } of instances) raise(furthestDecided, before, after);
  });
  durable.onCommit(({ instances }) => {
    for (const { before, after } of instances) {
      const taskId = raise(furthest, before, after);
      // One write may take in that a task is being killed and, at once, that its agent is away.
      if (after?.unreachableSinceMs !== undefined) {
        furthest.set(taskId, Math.max(furthest.get(taskId) ?? 0, furthestDecided.get(taskId) ?? 0));
      }
    }
  });
  cluster.addObserver(
    (observation) => {
      if (observation.type !== "updateAcknowledged") return;
      const { taskId, state, node } = observation;
      demand(
        (furthest.get(taskId) ?? -1) >= progressOf(state),
        "SIM11",
        () =>
          `${node} may forget that ${cluster.nameOf(taskId)} is ${state}, ` +
          `but Marathon's durable record says ${durable.byTask.get(taskId)?.taskState ?? "nothing"}`,
      );
    },
    ["updateAcknowledged"],
  );
}

/** Notes how far a task of an instance has come; answers its id. */
function raise(
  furthest: Map<string, number>,
  before: Instance | undefined,
  after: Instance | undefined,
): string {
  const taskId = (after ?? before)?.taskId ?? "";
  const reached = after === undefined ? over : progressOf(after.taskState);
  furthest.set(taskId, Math.max(furthest.get(taskId) ?? 0, reached));
  return taskId;
}

/** That an agent is away says nothing of how far its task has come. */
function progressOf(state: TaskState): number {
  return isTerminal(state) ? over : (progress[state] ?? 0);
}
