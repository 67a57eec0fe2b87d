import { assert } from "./assert.ts";

/**
 * A map that keeps the `sizeMax` newest keys in order of insertion: for histories.
 *
 * Invariant: `size <= sizeMax`. Setting a known key replaces its value and makes it the newest.
 */
export class BoundedMap<Key, Value> {
  readonly #entries = new Map<Key, Value>();
  readonly sizeMax: number;

  /** `sizeMax` is at least 0; with 0 nothing is kept. */
  constructor(sizeMax: number) {
    assert(Number.isInteger(sizeMax) && sizeMax >= 0, "a bounded map needs a size of at least 0");
    this.sizeMax = sizeMax;
  }

  get size(): number {
    return this.#entries.size;
  }

  get(key: Key): Value | undefined {
    return this.#entries.get(key);
  }

  has(key: Key): boolean {
    return this.#entries.has(key);
  }

  /** Makes `key` the newest; returns the entry that had to go, if any. */
  set(key: Key, value: Value): readonly [Key, Value] | undefined {
    this.#entries.delete(key);
    this.#entries.set(key, value);
    if (this.#entries.size <= this.sizeMax) return undefined;
    for (const oldest of this.#entries) {
      this.#entries.delete(oldest[0]);
      return oldest;
    }
    return undefined;
  }

  delete(key: Key): boolean {
    return this.#entries.delete(key);
  }

  /** Values from the oldest to the newest. */
  values(): IterableIterator<Value> {
    return this.#entries.values();
  }

  /** Entries from the oldest to the newest. */
  entries(): IterableIterator<[Key, Value]> {
    return this.#entries.entries();
  }
}
