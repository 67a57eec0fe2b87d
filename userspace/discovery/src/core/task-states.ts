import type { ClusterTask } from "./types.ts";

/** What a state means for names and backends. */
export type Standing = "alive" | "ended" | "lost";

/**
 * Ended: somebody ordered it or an executor told it, and it is believed at once. Lost: a master concludes it; when such
 * ends come in masses, the master may be wrong.
 */
export function standingOf(state: string): Standing {
  switch (state) {
    // Most tasks: no need to look further.
    case "TASK_RUNNING":
      return "alive";
    case "TASK_FINISHED":
    case "TASK_FAILED":
    case "TASK_KILLED":
    case "TASK_ERROR":
    case "TASK_GONE_BY_OPERATOR":
      return "ended";
    case "TASK_LOST":
    case "TASK_DROPPED":
    case "TASK_UNREACHABLE":
    case "TASK_GONE":
    case "TASK_UNKNOWN":
      return "lost";
    default:
      return "alive";
  }
}

/** The state of a task that was believed to be lost: it is remembered, and has neither names nor backends. */
export const lostState = "TASK_UNREACHABLE";

/** Whether a task has names: it runs, or is being killed after it ran. */
export function isNamed({ state }: ClusterTask): boolean {
  return state === "TASK_RUNNING" || state === "TASK_KILLING";
}

/** Whether a task takes connections: running, not being killed, and healthy where somebody checks. */
export function isServing({ state, isChecked, healthy }: ClusterTask): boolean {
  return state === "TASK_RUNNING" && (isChecked ? healthy === true : healthy !== false);
}
