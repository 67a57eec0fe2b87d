import { BoundedMap } from "@tutti/base";
import { isOlder } from "@tutti/discovery-v1";
import type { TableVersion } from "@tutti/discovery-v1";
import type { TaskKey } from "./task-keys.ts";

interface DrainWaiter {
  readonly key: TaskKey;
  /** Those that wait for the same version; undefined: what they wait for has not been published yet. */
  group: DrainGroup | undefined;
  readonly drained: () => void;
}

/** Who waits until every machine holds one version. */
interface DrainGroup {
  readonly version: TableVersion;
  readonly waiters: Set<DrainWaiter>;
}

/** What a drain book is bounded by, and what it looks at. */
export interface DrainBookOptions {
  /** The oldest version that some machine holds; undefined: one is missing. */
  readonly held: () => TableVersion | undefined;
  /** Tasks whose last withdrawal is remembered. */
  readonly tasksMax: number;
  readonly waitersMax: number;
}

/**
 * Which version withdrew which task's backends, and who waits until every machine holds it. Rule DSC39. A withdrawal costs
 * as much as its tasks have waiters, a look at what is held as much as it lets go.
 *
 * Invariant: groups are in the order of their versions, and none is empty.
 */
export class DrainBook {
  readonly #options: DrainBookOptions;
  readonly #drained: BoundedMap<TaskKey, TableVersion>;
  readonly #waiters = new Map<TaskKey, Set<DrainWaiter>>();
  readonly #groups: DrainGroup[] = [];
  #waiterCount = 0;

  constructor(options: DrainBookOptions) {
    this.#options = options;
    this.#drained = new BoundedMap(options.tasksMax);
  }

  /** The backends of these tasks are not in `version` any more. */
  withdrawn(keys: readonly TaskKey[], version: TableVersion): void {
    for (const key of keys) {
      this.#drained.set(key, version);
      for (const waiter of this.#waiters.get(key) ?? []) this.#group(waiter, version);
    }
  }

  /**
   * Whether every machine has withdrawn the backends of a task. `isBackend`: it has some still, and what was published
   * of it before is no answer. A task that nobody knows is not drained.
   */
  isDrained(key: TaskKey, isBackend: boolean): boolean {
    const version = this.#versionOf(key, isBackend);
    return version !== undefined && isHeld(version, this.#options.held());
  }

  /** Calls `drained` once when it is so; returns the way to wait no longer, or undefined when too many wait. */
  wait(key: TaskKey, isBackend: boolean, drained: () => void): (() => void) | undefined {
    if (this.#waiterCount >= this.#options.waitersMax) return undefined;
    const waiter: DrainWaiter = { key, group: undefined, drained };
    const ofKey = this.#waiters.get(key) ?? new Set();
    this.#waiters.set(key, ofKey.add(waiter));
    this.#waiterCount += 1;
    const version = this.#versionOf(key, isBackend);
    if (version !== undefined) this.#group(waiter, version);
    return () => this.#leave(waiter);
  }

  /** A machine holds another version, or follows no more. */
  check(): void {
    if (this.#groups.length === 0) return;
    const held = this.#options.held();
    const firstLeft = this.#groups.findIndex(({ version }) => !isHeld(version, held));
    const gone = this.#groups.splice(0, firstLeft === -1 ? this.#groups.length : firstLeft);
    for (const { waiters } of gone) {
      for (const waiter of waiters) {
        waiter.group = undefined;
        this.#leave(waiter);
        waiter.drained();
      }
    }
  }

  #versionOf(key: TaskKey, isBackend: boolean): TableVersion | undefined {
    return isBackend ? undefined : this.#drained.get(key);
  }

  #leave(waiter: DrainWaiter): void {
    const ofKey = this.#waiters.get(waiter.key);
    if (ofKey?.delete(waiter) !== true) return;
    this.#waiterCount -= 1;
    if (ofKey.size === 0) this.#waiters.delete(waiter.key);
    this.#ungroup(waiter);
  }

  #group(waiter: DrainWaiter, version: TableVersion): void {
    this.#ungroup(waiter);
    const at = this.#placeOf(version);
    const found = this.#groups[at];
    const isThere = found !== undefined && !isOlder(version, found.version);
    const group = isThere ? found : { version, waiters: new Set<DrainWaiter>() };
    if (!isThere) this.#groups.splice(at, 0, group);
    group.waiters.add(waiter);
    waiter.group = group;
  }

  #ungroup(waiter: DrainWaiter): void {
    const { group } = waiter;
    waiter.group = undefined;
    if (group?.waiters.delete(waiter) !== true || group.waiters.size > 0) return;
    const at = this.#placeOf(group.version);
    if (this.#groups[at] === group) this.#groups.splice(at, 1);
  }

  /** Where the first group is that is not older than `version`. */
  #placeOf(version: TableVersion): number {
    let [from, to] = [0, this.#groups.length];
    while (from < to) {
      const middle = Math.floor((from + to) / 2);
      const group = this.#groups[middle];
      if (group !== undefined && isOlder(group.version, version)) from = middle + 1;
      else to = middle;
    }
    return from;
  }
}

function isHeld(version: TableVersion, held: TableVersion | undefined): boolean {
  return held !== undefined && !isOlder(held, version);
}
