/** Bounds of the master's process. */
export const limits = {
  /** Body of a scheduler call: an ACCEPT with thousands of tasks. */
  schedulerCallBytesMax: 16 * 1024 * 1024,
  operatorCallBytesMax: 4 * 1024 * 1024,
  /** A hello brings all tasks of an agent. */
  nodeMessageBytesMax: 64 * 1024 * 1024,
  /** What a stream may buffer for a reader that is slower than its events. */
  streamBufferedBytesMax: 64 * 1024 * 1024,
  /** Events that wait for the core; beyond it new calls are answered 503. */
  queueLengthMax: 50_000,
  /** Rendered answers that are kept for the present version of the state. */
  cachedAnswersMax: 64,
  /** Between two attempts to be elected, after one has failed. */
  electionRetryMs: 1000,
  /** Until a page of `/tasks` ends, when it does not say. */
  taskPageDefault: 100,
  /** Lines of one kind that the log takes within this time. */
  logLinesPerWindowMax: 100,
  logWindowMs: 60_000,
  /** Longest time for which everything is told. */
  logRaiseMsMax: 24 * 60 * 60_000,
  /** Writes and bytes of one multi-write. */
  writesPerCommitMax: 500,
  bytesPerCommitMax: 400 * 1024,
} as const;
