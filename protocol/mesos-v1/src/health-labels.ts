/**
 * Labels by which schedulers and executors of this house agree on health; others may use them too. Ours:
 * Mesos has no word for a check that only reports.
 */
export const healthLabels = {
  /** On a task, `"true"`: the executor reports failing checks and never kills for them. */
  reportOnly: "tutti.health.reportOnly",
  /** On the update of such a task: how many checks in a row have failed, in decimal. */
  consecutiveFailures: "tutti.health.consecutiveFailures",
} as const;
