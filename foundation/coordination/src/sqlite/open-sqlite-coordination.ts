import { createCancellation, Fault } from "@tutti/base";
import type { Cancellation } from "@tutti/base";
import { checkElection, checkPath, checkWrites } from "../core/check.ts";
import type {
  Coordination,
  CoordinationRecord,
  LeaderInfo,
  Leadership,
  RecordWrite,
  WriteOutcome,
} from "../core/coordination.ts";
import { planWrites } from "../core/plan-writes.ts";
import { elect } from "./election.ts";
import { ElectionLock } from "./election-lock.ts";
import { toStoreFault } from "./faults.ts";
import { GroupCommit } from "./group-commit.ts";
import type { Commitment } from "./group-commit.ts";
import { RecordWatch } from "./record-watch.ts";
import { Store } from "./store.ts";
import { WalSync } from "./wal-sync.ts";

/** Where the embedded coordination lives. */
interface SqliteCoordinationOptions {
  /** The database file; its folder exists. Lock files of elections stand beside it. */
  readonly file: string;
}

/**
 * The embedded coordination: one SQLite file on a local disk. Leaders are found by a lock that the
 * kernel frees with its process. Throws a `Fault` when the file cannot be opened or is too new.
 */
export function openSqliteCoordination(options: SqliteCoordinationOptions): Coordination {
  try {
    return new SqliteCoordination(options.file);
  } catch (error) {
    throw toStoreFault(error);
  }
}

class SqliteCoordination implements Coordination {
  readonly #file: string;
  readonly #store: Store;
  readonly #walSync: WalSync;
  readonly #commits: GroupCommit;
  readonly #watch: RecordWatch;
  readonly #closing = createCancellation();
  /** Leaderships of this handle, and candidacies on their way to one. */
  readonly #led = new Set<Leadership>();
  readonly #candidacies = new Set<Promise<unknown>>();
  #closed: Promise<void> | undefined;

  constructor(file: string) {
    this.#file = file;
    this.#store = new Store(file);
    this.#walSync = new WalSync(file);
    this.#watch = new RecordWatch(this.#store);
    this.#commits = new GroupCommit(this.#store, this.#walSync, {
      committed: (paths) => this.#watch.committed(paths),
      broken: () => void this.#resignAll(),
    });
  }

  async elect(name: string, announcement: Uint8Array, signal: Cancellation): Promise<Leadership> {
    this.#checkOpen();
    checkElection(name, announcement);
    const both = eitherOf(signal, this.#closing.cancellation);
    const lockFile = this.#lockFile(name);
    const candidacy = elect(
      { name, announcement, lockFile, store: this.#store, commits: this.#commits },
      both.signal,
    );
    this.#candidacies.add(candidacy);
    try {
      const leadership = await candidacy;
      this.#led.add(leadership);
      leadership.lost.addEventListener("abort", () => this.#led.delete(leadership));
      return leadership;
    } finally {
      this.#candidacies.delete(candidacy);
      both.release();
    }
  }

  async leader(name: string): Promise<LeaderInfo | undefined> {
    this.#checkOpen();
    checkElection(name, new Uint8Array(0));
    return this.#commits.read(() => {
      const row = this.#store.election(name);
      return row !== undefined && new ElectionLock(this.#lockFile(name)).isTaken()
        ? row
        : undefined;
    });
  }

  async write(
    election: string,
    epoch: number,
    writes: readonly RecordWrite[],
  ): Promise<WriteOutcome> {
    this.#checkOpen();
    checkWrites(writes);
    return this.#commits.submit(() => this.#apply(election, epoch, writes));
  }

  async read(path: string): Promise<CoordinationRecord | undefined> {
    this.#checkOpen();
    checkPath(path);
    return this.#commits.read(() => this.#store.read(path));
  }

  async list(prefix: string): Promise<readonly CoordinationRecord[]> {
    this.#checkOpen();
    return this.#commits.read(() => this.#store.list(prefix));
  }

  watch(prefix: string, changed: (paths: readonly string[]) => void): () => void {
    this.#checkOpen();
    return this.#watch.add(prefix, changed);
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    this.#closing.cancel();
    this.#watch.close();
    await Promise.allSettled(this.#candidacies);
    await this.#resignAll();
    await this.#commits.drain();
    this.#walSync.close();
    this.#store.close();
  }

  /** Leads no more; that an epoch cannot be raised on a broken disk changes nothing of it. */
  async #resignAll(): Promise<void> {
    await Promise.allSettled([...this.#led].map((leadership) => leadership.resign()));
  }

  #apply(
    election: string,
    epoch: number,
    writes: readonly RecordWrite[],
  ): Commitment<WriteOutcome> {
    const currentEpoch = this.#store.election(election)?.epoch ?? 0;
    if (epoch !== currentEpoch) return unchanged({ type: "fenced", currentEpoch });
    const plan = planWrites(writes, (path) => this.#store.versionOf(path));
    if (plan.type === "conflict") return unchanged(plan);
    for (const change of plan.changes) this.#store.apply(change);
    const paths = plan.changes.map(({ path }) => path);
    return { value: { type: "written" }, paths, changed: paths.length > 0 };
  }

  #lockFile(name: string): string {
    return `${this.#file}.${name}.lock`;
  }

  #checkOpen(): void {
    if (this.#closed === undefined) return;
    throw new Fault("CLOSED", "This coordination was closed.", { retryable: false });
  }
}

function unchanged(value: WriteOutcome): Commitment<WriteOutcome> {
  return { value, paths: [], changed: false };
}

/** A cancellation that either of two triggers. */
function eitherOf(
  left: Cancellation,
  right: Cancellation,
): { readonly signal: Cancellation; release(): void } {
  const source = createCancellation();
  const cancel = (): void => source.cancel();
  for (const each of [left, right]) {
    each.addEventListener("abort", cancel);
    if (each.aborted) cancel();
  }
  return {
    signal: source.cancellation,
    release() {
      for (const each of [left, right]) each.removeEventListener("abort", cancel);
    },
  };
}
