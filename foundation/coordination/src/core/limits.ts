/** Bounds of coordination, the same on every side. */
export const limits = {
  /** The value of one record. */
  recordBytesMax: 100 * 1024,
  /** All values of one multi-write. A larger change writes chunks first, then one small pointer. */
  multiBytesMax: 500 * 1024,
  /** Writes of one multi-write. */
  multiWritesMax: 1000,
  pathUnitsMax: 512,
  electionNameUnitsMax: 64,
  /** What a leader says of itself. */
  announcementBytesMax: 4096,
  /** Calls that wait for their commit. */
  pendingWritesMax: 10_000,
  /** Calls committed together. */
  groupWritesMax: 1000,
} as const;
