import type { TaskStatus } from "@tutti/mesos-v1";

const reasons: ReadonlySet<string | undefined> = new Set([
  "REASON_TASK_CHECK_STATUS_UPDATED",
  "REASON_TASK_HEALTH_CHECK_STATUS_UPDATED",
]);

/** Whether a status tells what a check has found: how many of these there are depends on when checks end. */
export function isCheckReport(status: TaskStatus | undefined): boolean {
  return reasons.has(status?.reason);
}
