import { Watchers } from "../core/watchers.ts";
import { limits } from "./limits.ts";
import type { Store } from "./store.ts";

/** Tells watchers of this process's commits at once, and of other processes' within `watchPollMs`. */
export class RecordWatch {
  readonly #store: Store;
  readonly #watchers = new Watchers();
  #timer: NodeJS.Timeout | undefined;
  #dataVersion = 0;
  /** The newest change that watchers were told of. */
  #toldSequence = 0;

  constructor(store: Store) {
    this.#store = store;
  }

  add(prefix: string, changed: (paths: readonly string[]) => void): () => void {
    if (this.#timer === undefined) this.#begin();
    const remove = this.#watchers.add(prefix, changed);
    return () => {
      remove();
      if (this.#watchers.size === 0) this.close();
    };
  }

  /** This process has committed changes of `paths`. */
  committed(paths: readonly string[]): void {
    if (this.#watchers.size === 0 || paths.length === 0) return;
    this.#watchers.tell(this.#takeChanges() ?? paths);
  }

  close(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #begin(): void {
    this.#dataVersion = this.#store.dataVersion();
    this.#toldSequence = this.#store.changeSequence();
    this.#timer = setInterval(() => this.#poll(), limits.watchPollMs);
    this.#timer.unref();
  }

  #poll(): void {
    const dataVersion = this.#store.dataVersion();
    if (dataVersion === this.#dataVersion) return;
    this.#dataVersion = dataVersion;
    this.#watchers.tell(this.#takeChanges() ?? this.#store.list("").map(({ path }) => path));
  }

  /** Changes since the last time, of this and of other processes; undefined when too many. */
  #takeChanges(): string[] | undefined {
    const sequence = this.#store.changeSequence();
    const paths =
      sequence === this.#toldSequence ? [] : this.#store.changesAfter(this.#toldSequence);
    this.#toldSequence = sequence;
    return paths;
  }
}
