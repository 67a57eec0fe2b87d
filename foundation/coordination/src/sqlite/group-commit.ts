import { Fault } from "@tutti/base";
import { limits } from "../core/limits.ts";
import { toStoreFault } from "./faults.ts";
import type { Store } from "./store.ts";
import type { WalSync } from "./wal-sync.ts";

/** What one call does inside the transaction of its group. */
export interface Commitment<Value> {
  readonly value: Value;
  /** Paths of records that it changed. */
  readonly paths: readonly string[];
  /** Whether it changed anything, so that its answer must wait for the disk. */
  readonly changed: boolean;
}

interface Waiting {
  /** Runs inside the transaction; the returned function answers the call. */
  readonly run: () => {
    readonly paths: readonly string[];
    readonly changed: boolean;
    readonly answer: () => void;
  };
  readonly fail: (fault: Fault) => void;
}

/** What a group commit tells its owner. */
interface CommitListener {
  /** Changes of these records are durable. */
  committed(paths: readonly string[]): void;
  /** A flush has failed: nothing can be committed any more. */
  broken(): void;
}

/**
 * Commits calls in groups: while the disk flushes one group, the next one gathers.
 *
 * Invariant: a call is answered, its change told and read only after its group is durable. After a
 * flush has failed nothing is committed any more, because nobody knows what the disk holds.
 */
export class GroupCommit {
  readonly #store: Store;
  readonly #walSync: WalSync;
  readonly #listener: CommitListener;
  #waiting: Waiting[] = [];
  #reads: (() => void)[] = [];
  #state: "idle" | "scheduled" | "flushing" | "broken" = "idle";
  #broken: Fault | undefined;
  #drained: (() => void)[] = [];

  constructor(store: Store, walSync: WalSync, listener: CommitListener) {
    this.#store = store;
    this.#walSync = walSync;
    this.#listener = listener;
  }

  /** Runs `commit` in the next group; resolves when its change is durable. */
  submit<Value>(commit: () => Commitment<Value>): Promise<Value> {
    return new Promise((resolve, reject) => {
      if (this.#broken !== undefined) {
        reject(this.#broken);
        return;
      }
      if (this.#waiting.length >= limits.pendingWritesMax) {
        reject(new Fault("OVERLOADED", "Too many writes wait for the disk.", { retryable: true }));
        return;
      }
      const run = () => {
        const { value, paths, changed } = commit();
        return { paths, changed, answer: () => resolve(value) };
      };
      this.#waiting.push({ run, fail: reject });
      this.#schedule();
    });
  }

  /** Runs `read` when all that is committed is durable: at once unless a flush is on its way. */
  read<Value>(read: () => Value): Promise<Value> {
    return new Promise((resolve, reject) => {
      const run = (): void => {
        try {
          if (this.#broken === undefined) resolve(read());
          else reject(this.#broken);
        } catch (error) {
          reject(toStoreFault(error));
        }
      };
      if (this.#state === "flushing") this.#reads.push(run);
      else run();
    });
  }

  /** Resolves when nothing waits and nothing is on its way. */
  drain(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#state === "idle" || this.#state === "broken") resolve();
      else this.#drained.push(resolve);
    });
  }

  /** A turn of the microtask queue gathers the calls of one turn into one group. */
  #schedule(): void {
    if (this.#state !== "idle") return;
    this.#state = "scheduled";
    queueMicrotask(() => this.#commit());
  }

  #commit(): void {
    const group = this.#waiting.slice(0, limits.groupWritesMax);
    this.#waiting = this.#waiting.slice(limits.groupWritesMax);
    const answers: (() => void)[] = [];
    const paths = new Set<string>();
    let changed = false;
    try {
      this.#store.transact(() => {
        for (const { run } of group) {
          const done = run();
          for (const path of done.paths) paths.add(path);
          changed ||= done.changed;
          answers.push(done.answer);
        }
        if (paths.size > 0) this.#store.trimChanges();
      });
    } catch (error) {
      const fault = toStoreFault(error);
      for (const { fail } of group) fail(fault);
      this.#next();
      return;
    }
    if (!changed) {
      this.#finish(answers, []);
      return;
    }
    this.#state = "flushing";
    this.#walSync.flush((error) => {
      if (error === null) this.#finish(answers, [...paths]);
      else this.#break(toStoreFault(error), group);
    });
  }

  #finish(answers: readonly (() => void)[], paths: readonly string[]): void {
    for (const answer of answers) answer();
    this.#listener.committed(paths);
    const reads = this.#reads;
    this.#reads = [];
    for (const read of reads) read();
    this.#next();
  }

  #next(): void {
    this.#state = "idle";
    if (this.#waiting.length > 0) this.#schedule();
    else this.#tellDrained();
  }

  #break(fault: Fault, group: readonly Waiting[]): void {
    this.#broken = fault;
    this.#state = "broken";
    const reads = this.#reads;
    this.#reads = [];
    for (const { fail } of [...group, ...this.#waiting.splice(0)]) fail(fault);
    for (const read of reads) read();
    this.#listener.broken();
    this.#tellDrained();
  }

  #tellDrained(): void {
    for (const drained of this.#drained.splice(0)) drained();
  }
}
