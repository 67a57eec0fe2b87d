import type { ClusterTask } from "./types.ts";

/** Ends that somebody ordered or an executor told: they are believed at once. */
const ended: ReadonlySet<string> = new Set([
  "TASK_FINISHED",
  "TASK_FAILED",
  "TASK_KILLED",
  "TASK_ERROR",
  "TASK_GONE_BY_OPERATOR",
]);

/** Ends that a master concludes: when they come in masses, the master may be wrong. */
const lost: ReadonlySet<string> = new Set([
  "TASK_LOST",
  "TASK_DROPPED",
  "TASK_UNREACHABLE",
  "TASK_GONE",
  "TASK_UNKNOWN",
]);

/** What a state means for names and backends. */
export type Standing = "alive" | "ended" | "lost";

export function standingOf(state: string): Standing {
  if (ended.has(state)) return "ended";
  return lost.has(state) ? "lost" : "alive";
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
