/** Bounds of the executor. */
export const limits = {
  /** Between SIGTERM and SIGKILL when neither the task nor the kill says otherwise: Mesos's 3 s. */
  killGraceMsDefault: 3_000,
  killGraceMsMax: 86_400_000,
  /**
   * Between TASK_KILLING and SIGTERM of a task behind a virtual IP without `drainSeconds`, when nobody confirms that it
   * was taken out: master and discovery, killed together, need a few seconds.
   */
  withdrawalMs: 10_000,
  /** After that confirmation, without `drainSeconds`, for connections that are open. */
  connectionsMs: 2_000,
  drainMsMax: 300_000,
  /** A shorter interval between two checks of one kind is stretched to this. */
  checkIntervalMsMin: 100,
  /** A check without a timeout (0 in Mesos) or with a longer one ends here. */
  checkTimeoutMsMax: 600_000,
  /** Delays, grace periods and intervals of checks end here. */
  checkDurationMsMax: 86_400_000,
} as const;
