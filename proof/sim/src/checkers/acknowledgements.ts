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

/** When an agent may forget an update, Marathon knows it durably. Rule SIM11. */
export function watchAcknowledgements({ cluster, durable }: Judged): void {
  cluster.addObserver(
    (observation) => {
      if (observation.type !== "updateAcknowledged") return;
      const { taskId, state, node } = observation;
      const instance = durable.byTask.get(taskId);
      // Ended and removed: nothing newer can be known.
      if (instance === undefined || instance.lost === true) return;
      const known = progress[instance.taskState] ?? Infinity;
      const told = isTerminal(state) ? Infinity : (progress[state] ?? 0);
      demand(
        known >= told,
        "SIM11",
        () =>
          `${node} may forget that ${cluster.nameOf(taskId)} is ${state}, ` +
          `but Marathon's durable record says ${instance.taskState}`,
      );
    },
    ["updateAcknowledged"],
  );
}
