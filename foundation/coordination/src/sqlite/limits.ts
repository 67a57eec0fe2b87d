/** Bounds of the embedded side. */
export const limits = {
  /** How often a candidate tries the lock of a leader in another process. */
  electionPollMs: 100,
  /** How often commits of other processes are looked for, while somebody watches. */
  watchPollMs: 250,
  /** Changed paths kept for watchers in other processes; who misses more is told every path. */
  changesKept: 4096,
  /** How long a commit waits for that of another process. */
  busyTimeoutMs: 2000,
  cacheKib: 1024,
} as const;
