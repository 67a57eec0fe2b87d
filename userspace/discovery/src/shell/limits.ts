/** Bounds of what discovery and its followers hold, wait for and send. */
export const limits = {
  /** How often a stream carries a heartbeat. */
  heartbeatMs: 5000,
  /** A stream that is silent for so long is over. */
  followerIdleMs: 16_000,
  /** Changes that come closer together than this travel together. */
  flushIntervalMs: 10,
  /** Sending takes at most one part in so many of the time: with many followers more changes travel together. */
  flushTimePart: 4,
  flushIntervalMsMax: 100,
  /** Changes that a follower can be resumed from. */
  ringChangesMax: 20_000,
  ringBytesMax: 32 * 1024 * 1024,
  /** Changes lie together in blocks of so many bytes, of which followers are sent parts. */
  ringBlockBytes: 256 * 1024,
  /** A larger change is not kept for resuming, and neither is what came before it. */
  ringChangeBytesMax: 8 * 1024 * 1024,
  /** A change that puts more facts is told as a new table. */
  changeFactsMax: 20_000,
  /** A page of a snapshot ends with the fact that brings it to so many characters. */
  pageUnitsMax: 128 * 1024,
  /** How many are sent pages at a time; one that takes none for so long is not counted. */
  pagingAtOnceMax: 50,
  pagingPauseMs: 500,
  /** A snapshot is sent to more followers as long as fewer changes came after it. */
  snapshotBehindMax: 5000,
  /** A follower is given more when less than this waits to be taken by its connection. */
  followerWaitingBytesMax: 64 * 1024,
  /** How soon those who are behind are looked after again, and how many in a millisecond at most. */
  lookPauseMs: 5,
  looksPerMsMax: 100,
  /** A follower that takes nothing at so many heartbeats in a row is cut: it would begin anew by itself (`followerIdleMs`). */
  followerStuckBeats: 3,
  /** Beyond everything that is ever given to one follower at a time; what is beyond it is a bug. */
  followerBufferedBytesMax: 16 * 1024 * 1024,
  followersMax: 6000,
  requestBytesMax: 64 * 1024,
  /** Tasks whose last withdrawal is remembered. */
  drainedMax: 20_000,
  drainedWaitMsMax: 10_000,
  drainedWaitersMax: 10_000,
  backoffMsMin: 100,
  backoffMsMax: 2000,
  /** How long a follower waits for the first word of a master before it is told to come again. */
  readyWaitMs: 8000,
  redirectsMax: 5,
  /** Of a refusal that is told in the log. */
  refusalUnitsMax: 200,
  /** Host names of frameworks that are looked up at a time. */
  lookupsMax: 100,
  /** Until the master has begun to answer SUBSCRIBE. */
  subscribeTimeoutMs: 30_000,
  /** A master's stream that is silent for so long is over: three of its heartbeats. */
  masterIdleMs: 45_000,
  recordBytesMax: 1024 * 1024 * 1024,
  /** The kept table: not written more often, and for at most one part in so many of the time. */
  tableFileIntervalMs: 1000,
  tableFileTimePart: 30,
  tableFileBytesMax: 1024 * 1024 * 1024,
  /** Changes since the kept table: beyond this the next table alone has them. */
  journalBytesMax: 16 * 1024 * 1024,
  /** Changes that come while a table is being written. */
  journalLinesMax: 10_000,
  /** A machine that found another discovery says what it holds within this time. */
  reportSpreadMs: 300,
  /** How often it is noted at most that the cluster was heard and nothing changed: as often as heartbeats come. */
  heardFileIntervalMs: 4000,
  machineNameUnitsMax: 255,
  /** A confirmation is sent this long after a change that wants one; others wait for the next heartbeat. */
  reportDelayMs: 20,
  /** Between two confirmations of one machine: a thousand machines send a thousand a second at most. */
  reportIntervalMsMin: 1000,
} as const;
