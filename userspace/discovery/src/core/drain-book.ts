import { BoundedMap } from "@tutti/base";
import { isOlder } from "@tutti/discovery-v1";
import type { TableVersion } from "@tutti/discovery-v1";
import type { TaskKey } from "./task-keys.ts";

interface DrainWaiter {
  readonly key: TaskKey;
  /** The version without its backends; undefined: it has not been published yet. */
  version: TableVersion | undefined;
  readonly drained: () => void;
}

/** What a drain book is bounded by, and what it looks at. */
export interface DrainBookOptions {
  /** The oldest version that some machine holds; undefined: one is missing. */
  readonly held: () => TableVersion | undefined;
  /** Tasks whose last withdrawal is remembered. */
  readonly tasksMax: number;
  readonly waitersMax: number;
}

/** Which version withdrew which task's backends, and who waits until every machine holds it. Rule DSC39. */
export class DrainBook {
  readonly #options: DrainBookOptions;
  readonly #drained: BoundedMap<TaskKey, TableVersion>;
  readonly #waiters = new Set<DrainWaiter>();

  constructor(options: DrainBookOptions) {
    this.#options = options;
    this.#drained = new BoundedMap(options.tasksMax);
  }

  /** The backends of these tasks are not in `version` any more. */
  withdrawn(keys: readonly TaskKey[], version: TableVersion): void {
    for (const key of keys) this.#drained.set(key, version);
    for (const waiter of this.#waiters) if (keys.includes(waiter.key)) waiter.version = version;
  }

  /**
   * Whether every machine has withdrawn the backends of a task. `isBackend`: it has some still, and what was published
   * of it before is no answer. A task that nobody knows is not drained.
   */
  isDrained(key: TaskKey, isBackend: boolean): boolean {
    return this.#isHeld(this.#versionOf(key, isBackend), this.#options.held());
  }

  /** Calls `drained` once when it is so; returns the way to wait no longer, or undefined when too many wait. */
  wait(key: TaskKey, isBackend: boolean, drained: () => void): (() => void) | undefined {
    if (this.#waiters.size >= this.#options.waitersMax) return undefined;
    const waiter = { key, version: this.#versionOf(key, isBackend), drained };
    this.#waiters.add(waiter);
    return () => this.#waiters.delete(waiter);
  }

  /** A machine holds another version, or follows no more. */
  check(): void {
    if (this.#waiters.size === 0) return;
    const held = this.#options.held();
    for (const waiter of this.#waiters) {
      if (!this.#isHeld(waiter.version, held)) continue;
      this.#waiters.delete(waiter);
      waiter.drained();
    }
  }

  #versionOf(key: TaskKey, isBackend: boolean): TableVersion | undefined {
    return isBackend ? undefined : this.#drained.get(key);
  }

  #isHeld(version: TableVersion | undefined, held: TableVersion | undefined): boolean {
    return version !== undefined && held !== undefined && !isOlder(held, version);
  }
}
