/** Bounds of discovery. */
export const limits = {
  /** A loss is believed after this: those that come together are judged together. */
  lossSettleMs: 1000,
  /** Losses within this time count together. */
  lossWindowMs: 60_000,
  /** Fewer backends or tasks than this are withdrawn whatever part of all they are. */
  heldCountMin: 10,
  /** A loss of more than one part in so many is held. */
  heldPart: 5,
  /** A held loss is believed when a snapshot this much later says it again. */
  heldConfirmMs: 60_000,
  /** After an agent came back: until the tasks that it did not bring are asked for. */
  agentReturnMs: 3000,
  /** Snapshots are not asked for more often than this. */
  snapshotIntervalMsMin: 10_000,
  /** How often a snapshot is asked for while tasks are known that the master has not shown. */
  snapshotIntervalMs: 60_000,
  /** An agent or framework that a master does not know for so long is gone (Mesos: 10 min to re-register). */
  reregistrationMs: 15 * 60_000,
  /** A VIP without backends and without tasks stays for so long: connections to it are refused. */
  vipHeldMs: 10 * 60_000,
  /** Names whose addresses are kept; above, unused ones are forgotten. */
  namesKeptMax: 200_000,
  namesForgottenAtOnce: 1000,
  /** Texts of which one instance is kept. */
  textsSharedMax: 500_000,
  /** Places, a power of two, for messages within messages that were read last; longer ones are read each time. */
  partsRemembered: 1024,
  partBytesMax: 512,
  /** Places, a power of two, for texts that were read last; longer ones have none. */
  lastTexts: 4096,
  lastTextBytesMax: 256,
  /** What texts of one kind, and what follows from them, come to before all are forgotten. */
  textsSharedBytesMax: 128 * 1024 * 1024,
  /** What a VIP that a label names is counted as, beside its text. */
  vipValueBytes: 256,
  /** Frameworks whose VIPs' whole names are remembered. */
  frameworkNamesMax: 1000,
  /** Whole names of VIPs of one framework that are remembered. */
  vipNamesMax: 100_000,
  /** Problems that an answer lists. */
  problemsMax: 1000,
  /** Backends from which on a change of a VIP travels as a patch. */
  patchBackendsMin: 4,
} as const;
