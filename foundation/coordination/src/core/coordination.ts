import type { Cancellation } from "@tutti/base";

/** A small versioned record. `value` is at most `limits.recordBytesMax` bytes. */
export interface CoordinationRecord {
  /** Slash-separated path without a leading slash, e.g. `marathon/apps/web`. */
  readonly path: string;
  readonly value: Uint8Array;
  /** Starts at 1 and grows by one with each write of this record. */
  readonly version: number;
}

/** One write of an atomic multi-write. */
export type RecordWrite =
  /** Creates or replaces; with `expectedVersion` (0 = must not exist) only if it matches. */
  | {
      readonly type: "put";
      readonly path: string;
      readonly value: Uint8Array;
      readonly expectedVersion?: number;
    }
  /** Removes; absent records are no error unless `expectedVersion` is given. */
  | { readonly type: "delete"; readonly path: string; readonly expectedVersion?: number };

/** The answer of a multi-write: all applied, or none and why. */
export type WriteOutcome =
  | { readonly type: "written" }
  /** The epoch is not the current one: this process leads no more. */
  | { readonly type: "fenced"; readonly currentEpoch: number }
  | { readonly type: "conflict"; readonly path: string; readonly actualVersion: number };

/** A won election. `epoch` grows with every election of the same name and fences all writes. */
export interface Leadership {
  readonly epoch: number;
  /** Aborted when leadership is lost or given up. */
  readonly lost: Cancellation;
  /** Gives leadership up: its epoch is fenced at once. */
  resign(): Promise<void>;
}

/** What is known of the present leader of an election. */
export interface LeaderInfo {
  readonly epoch: number;
  /** What the leader said of itself, e.g. its URL as JSON. */
  readonly announcement: Uint8Array;
}

/**
 * Leader election and small versioned records with atomic multi-writes and watches.
 * Two real sides (embedded SQLite, ZooKeeper) and a simulated one pass one suite of contract tests.
 *
 * Every call may throw a `Fault`: `BAD_PATH`, `BAD_NAME`, `RECORD_TOO_LARGE`, `MULTI_TOO_LARGE` for what
 * is outside the limits, `CLOSED` after `close`, `OVERLOADED` when too many writes wait, `ABORTED`
 * for a cancelled election, and the side's own faults of disk or network.
 *
 * Invariant: a write under an epoch that is not the newest of its election is refused as `fenced`.
 * Invariant: a `written` outcome is durable (it survives power loss).
 */
export interface Coordination {
  /**
   * Resolves when this handle leads the election `name` (letters, digits, `-`); waits as long as
   * another leads. A leader that dies is succeeded at once (SQLite) or after its session (ZooKeeper).
   */
  elect(name: string, announcement: Uint8Array, signal: Cancellation): Promise<Leadership>;
  /**
   * The present leader, or undefined while there is none. Advice, not a promise: it may be over when
   * the answer arrives, and for a moment name the one before.
   */
  leader(name: string): Promise<LeaderInfo | undefined>;
  /**
   * Applies all writes in order, or none, fenced by the epoch of `election`; a write sees the ones
   * before it. Concurrent calls are committed in groups.
   */
  write(election: string, epoch: number, writes: readonly RecordWrite[]): Promise<WriteOutcome>;
  /** The record at `path`; only what is durable is read. */
  read(path: string): Promise<CoordinationRecord | undefined>;
  /** All records whose path begins with `prefix`, ordered by path. */
  list(prefix: string): Promise<readonly CoordinationRecord[]>;
  /**
   * Calls `changed` with paths under `prefix` after commits that touched them, from any process;
   * coalesces. Returns the way to stop. Who needs the state too reads it after watching.
   */
  watch(prefix: string, changed: (paths: readonly string[]) => void): () => void;
  /** Gives up leaderships, finishes writes that were taken, and lets go of everything. */
  close(): Promise<void>;
}
