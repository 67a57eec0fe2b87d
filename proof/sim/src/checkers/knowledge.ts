import { isTerminal } from "@tutti/mesos-v1";
import type { TaskState } from "@tutti/mesos-v1";
import { demand } from "../violation.ts";
import type { Judged } from "./checker.ts";

/**
 * Every launched task reaches the scheduler's knowledge: that it was started, and how it ended.
 * Rule SIM15. Returns the judgement, for the time when everything has settled.
 */
export function watchKnowledge({ cluster, truth }: Judged): () => void {
  const heard = new Set<string>();
  const ended = new Set<string>();
  cluster.addObserver(
    (observation) => {
      if (observation.type !== "updateArrived") return;
      heard.add(observation.taskId);
      if (isOver(observation.state)) ended.add(observation.taskId);
    },
    ["updateArrived"],
  );
  return () => {
    const running = new Set([...truth.running.values()].map(({ taskId }) => taskId));
    for (const taskId of truth.starts.keys()) {
      const name = (): string => cluster.nameOf(taskId);
      demand(heard.has(taskId), "SIM15", () => `the scheduler was never told of ${name()}`);
      demand(
        running.has(taskId) || ended.has(taskId),
        "SIM15",
        () => `the scheduler was never told that ${name()} has ended`,
      );
    }
  };
}

function isOver(state: TaskState): boolean {
  return isTerminal(state) || state === "TASK_UNKNOWN";
}
