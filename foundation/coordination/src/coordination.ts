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
  | { readonly type: "put"; readonly path: string; readonly value: Uint8Array; readonly expectedVersion?: number }
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
  readonly lost: AbortSignal;
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
 * Invariant: a write under an epoch that is not the newest of its election is refused as `fenced`.
 * Invariant: a `written` outcome is durable (it survives power loss).
 */
export interface Coordination {
  /** Resolves when this process leads the election `name`; waits as long as another leads. */
  elect(name: string, announcement: Uint8Array, signal: AbortSignal): Promise<Leadership>;
  /** The present leader, or undefined while there is none. */
  leader(name: string): Promise<LeaderInfo | undefined>;
  /** Applies all writes or none, fenced by the epoch of `election`. Concurrent calls are committed in groups. */
  write(election: string, epoch: number, writes: readonly RecordWrite[]): Promise<WriteOutcome>;
  read(path: string): Promise<CoordinationRecord | undefined>;
  /** All records whose path begins with `prefix`, ordered by path. */
  list(prefix: string): Promise<readonly CoordinationRecord[]>;
  /** Calls `changed` with paths under `prefix` after each commit that touched them; coalesces. */
  watch(prefix: string, changed: (paths: readonly string[]) => void): () => void;
  close(): Promise<void>;
}
