/** Bounds of the scheduler client. */
export const limits = {
  /** First pause before dialling again; grows by `backoffFactor` per failed attempt. */
  backoffFirstMs: 100,
  backoffFactor: 2,
  backoffMs: 5_000,
  /** Redirects followed at once before the client pauses. */
  redirectsMax: 5,
  /** Silence of this many heartbeat intervals means that the connection is dead. */
  heartbeatsMissedMax: 3,
  /** Until the first event of a new stream. */
  subscribeTimeoutMs: 10_000,
  /** Calls waiting to be sent; beyond it the connection is given up. */
  callsWaitingMax: 20_000,
  /** Acknowledgements on their way at the same time. */
  acknowledgementsInFlightMax: 16,
  /** Tasks in one RECONCILE call. */
  reconcileTasksMax: 500,
  reconcileFirstMs: 1_000,
  reconcileFactor: 2,
  reconcileMs: 60_000,
  /** One record of the stream. */
  recordBytesMax: 16 * 1024 * 1024,
} as const;
