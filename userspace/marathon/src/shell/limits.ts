/** Bounds of Marathon's process. */
export const limits = {
  /** Body of a request. */
  bodyBytesMax: 1024 * 1024,
  /** Requests whose answers wait for the disk. */
  requestsPendingMax: 2_000,
  /** What one reader of the event stream may be behind before it is cut. */
  eventStreamBufferedBytesMax: 4 * 1024 * 1024,
  eventStreamsMax: 1_000,
  /** A comment line that keeps the event stream alive. */
  eventHeartbeatMs: 15_000,
  /** Of one atomic write: the bounds of the store, with some room. */
  writeRecordsMax: 1_000,
  writeBytesMax: 480 * 1024,
  /** One piece of a change that is larger than that. */
  pieceBytes: 90 * 1024,
  /** The master keeps tasks for so long when Marathon is away. */
  failoverTimeoutS: 604_800,
  /** What the master said of its agents and roles is believed for so long. */
  masterFreshMs: 1_000,
  /** How long an answer that explains something waits for the master. */
  masterTimeoutMs: 1_000,
  stallMs: 5_000,
} as const;
