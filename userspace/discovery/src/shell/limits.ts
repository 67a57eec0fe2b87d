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
  ringBytesMax: 64 * 1024 * 1024,
  /** A larger change is not kept for resuming, and neither is what came before it. */
  ringChangeBytesMax: 8 * 1024 * 1024,
  /** A change that puts more facts is told as a new table. */
  changeFactsMax: 20_000,
  /** Facts of one page of a snapshot. */
  pageFactsMax: 500,
  /** A follower that takes a snapshot is given the next page when less than this waits. */
  pageWaitingBytesMax: 1024 * 1024,
  pagePauseMs: 5,
  /** What a follower may be behind by before it is cut off. */
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
  /** How often it is noted at most that the cluster was heard and nothing changed: as often as heartbeats come. */
  heardFileIntervalMs: 4000,
  machineNameUnitsMax: 255,
  /** A confirmation is sent this long after a change that wants one; others wait for the next heartbeat. */
  reportDelayMs: 20,
  /** Between two confirmations of one machine: a thousand machines send a thousand a second at most. */
  reportIntervalMsMin: 1000,
} as const;
