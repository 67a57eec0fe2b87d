/** Bounds of the containerizer: every queue, wait and size it has. */
export const limits = {
  /** Calls of the runtime that run at the same time; the rest wait in order. */
  runtimeCallsMax: 8,
  /** Calls that may wait; one more is refused as a fault. */
  runtimeQueueMax: 10_000,
  /** A launch that has not answered by then is a fault. */
  launchTimeoutMs: 60_000,
  /** How long a new agent lets the launches of a dead one come to their end by themselves. */
  launchSettleMs: 2_000,
  /** A deletion that has not answered by then is a fault. */
  deleteTimeoutMs: 60_000,
  /** The private mount namespace must be ready by then. */
  launcherReadyTimeoutMs: 15_000,
  /** How often supervisors are looked at, for those that died without a word. */
  sweepIntervalMs: 2_000,
  /** Between looks at the exit directory where the machine has no inotify instance left. */
  pollIntervalMs: 200,
  /** After a container's first process is gone: how long its supervisor may take to say the exit code. */
  exitCodeWaitMs: 2_000,
  /** After a container's end: how long its last output may take to be written before the end is told. */
  logDrainMs: 500,
  /** Between two kills of a command whose time is over, until it is gone. */
  killIntervalMs: 100,
  /** After a kill: how long the processes of a container may take to disappear. */
  killWaitMs: 10_000,
  /** Commands (`exec`) that run inside containers at the same time; one more is a fault. */
  execsMax: 256,
  /** A directory service that has not told a user by then does not know it. */
  getentTimeoutMs: 5_000,
  /** Characters of a runtime's own words that go into a fault. */
  runtimeWordsMax: 500,
} as const;
