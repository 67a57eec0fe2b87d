/** Bounds of the decisions; those of commands are in the shell's `limits.ts`. */
export const limits = {
  /** After a refusal of the kernel: the first wait, doubled up to the last. */
  retryMsMin: 1000,
  retryMsMax: 30_000,
  /** Who waits for a change waits no longer than this from the first refusal on. */
  refusedWaitMsMax: 5000,
  /** Tables that somebody disturbs are repaired no more often than this. */
  repairIntervalMs: 1000,
  /** Flows that wait to be cut, while VIPs are unavailable or the kernel refuses; the oldest are given up. */
  cutsWaitingMax: 10_000,
  /** Flows that are being cut; those that wait begin when there is room. */
  cutsUnderWayMax: 20_000,
  /** With more owned addresses elements are not asked for each second: nft reads all of them to say one. */
  sealedOwnedMax: 100,
} as const;
