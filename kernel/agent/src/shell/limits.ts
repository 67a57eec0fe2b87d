/** Bounds of the agent's shell. */
export const limits = {
  /** A wake-up this late means that the event loop was blocked. */
  stallMs: 5_000,
  /** One message of the master. */
  recordBytesMax: 16 * 1024 * 1024,
  /** Until the master has answered a dial or a post. */
  masterHeadTimeoutMs: 10_000,
  /** What of a master's refusal goes into a message. */
  refusalCharsMax: 200,
  /** How long everything may be told. */
  logRaiseMsMax: 86_400_000,
  /** Between two looks at the disk: Mesos's `disk_watch_interval`. */
  diskWatchMs: 60_000,
  /** Tasks whose hold discovery is asked about at once; the others are held as long as they say. */
  drainsWatchedMax: 512,
  /** How long one question may wait for its answer, and the pause before the next. */
  drainAskMsMax: 5_000,
  drainAskPauseMs: 250,
  drainAnswerBytesMax: 4_096,
  /** Between two looks at the connections of a task that drains. */
  drainLookPauseMs: 100,
  /** Checks of all tasks made at the same time; the others wait in order. */
  checksAtOnceMax: 32,
  /** Checks that wait; one more is as if it had not been due. */
  checksWaitingMax: 10_000,
  /** What is read of the answer to an HTTP check. */
  checkBodyBytesMax: 64 * 1024,
  checkDrainMs: 1_000,
  /** Names of one directory that are listed. */
  directoryEntriesMax: 10_000,
  /** Bytes of one `/files/read` or READ_FILE; Mesos's 16 pages. */
  readBytesMax: 64 * 1024,
  /** The buffer of a download: what it holds in memory, however large the file. */
  downloadChunkBytes: 256 * 1024,
  /** Looks at a download without a pause, the longest pause after them, and how long it may stand still. */
  downloadLooksAtOnce: 32,
  downloadPauseMsMax: 64,
  downloadStallMs: 120_000,
  downloadsAtOnceMax: 64,
  /** Body of a call. */
  callBytesMax: 1024 * 1024,
  /** How long names of users and groups are believed. */
  accountsCachedMs: 10_000,
} as const;
