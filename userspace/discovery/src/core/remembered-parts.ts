import { limits } from "./limits.ts";

interface Remembered<T> {
  readonly bytes: Uint8Array;
  readonly value: T;
}

/**
 * What was read of messages within messages, by their bytes: tasks of one definition have parts that are the same byte
 * by byte, and these are read once. What is remembered must not be changed by who is given it.
 */
export class RememberedParts<T> {
  readonly #places: (Remembered<T> | undefined)[] = [];
  #last: Remembered<T> | undefined;

  /** The part that was found or kept last: tasks of one definition follow one another. */
  again(bytes: Uint8Array, start: number, end: number): T | undefined {
    const last = this.#last;
    return last !== undefined && isSameBytes(last.bytes, bytes, start, end)
      ? last.value
      : undefined;
  }

  /** Where the part from `start` to `end` would be; -1: it is too long to be remembered. */
  placeOf(bytes: Uint8Array, start: number, end: number): number {
    if (end - start > limits.partBytesMax) return -1;
    let hash = 0x811c9dc5;
    for (let at = start; at < end; at += 1) hash = Math.imul(hash ^ (bytes[at] ?? 0), 0x01000193);
    return (hash ^ (hash >>> 15)) & (limits.partsRemembered - 1);
  }

  find(place: number, bytes: Uint8Array, start: number, end: number): T | undefined {
    const known = this.#places[place];
    if (known === undefined || !isSameBytes(known.bytes, bytes, start, end)) return undefined;
    this.#last = known;
    return known.value;
  }

  keep(place: number, bytes: Uint8Array, value: T): void {
    while (this.#places.length < limits.partsRemembered) this.#places.push(undefined);
    this.#last = { bytes, value };
    this.#places[place] = this.#last;
  }
}

function isSameBytes(known: Uint8Array, bytes: Uint8Array, start: number, end: number): boolean {
  if (known.length !== end - start) return false;
  for (let at = 0; at < known.length; at += 1) if (known[at] !== bytes[start + at]) return false;
  return true;
}
