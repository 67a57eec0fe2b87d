import { limits } from "./limits.ts";

/** Where a change is. */
interface Place {
  readonly block: Uint8Array;
  readonly start: number;
  readonly end: number;
}

/** Changes that follow each other, as one run of bytes that nobody copies. */
interface Piece {
  readonly bytes: Uint8Array;
  /** The sequence after the last change in it. */
  readonly next: number;
}

/**
 * The newest changes as they travel, in order of their sequence, each encoded once and kept once, however many followers
 * are at however many places in it.
 *
 * Invariant: at most `limits.ringChangesMax` changes with `limits.ringBytesMax` bytes.
 */
export class ChangeLog {
  #places: Place[] = [];
  #first: number;
  #byteCount = 0;
  #block = new Uint8Array(0);
  #filled = 0;
  /** The piece that was asked for last: followers that keep up all ask for the same. */
  #piece: (Piece & { readonly from: number; readonly end: number }) | undefined;

  /** `next`: the sequence of the first change that will come. */
  constructor(next: number) {
    this.#first = next;
  }

  /** The sequence of the change that comes next. */
  get end(): number {
    return this.#first + this.#places.length;
  }

  get length(): number {
    return this.#places.length;
  }

  get byteCount(): number {
    return this.#byteCount;
  }

  /** Whether a follower that lacks everything from sequence `next` on can be given it. */
  reaches(next: number): boolean {
    return next >= this.#first && next <= this.end;
  }

  /** Keeps the change with sequence `end`. */
  push(bytes: Uint8Array): void {
    if (this.#filled + bytes.length > this.#block.length) {
      this.#block = new Uint8Array(Math.max(limits.ringBlockBytes, bytes.length));
      this.#filled = 0;
    }
    const start = this.#filled;
    this.#filled += bytes.length;
    this.#block.set(bytes, start);
    this.#places.push({ block: this.#block, start, end: this.#filled });
    this.#byteCount += bytes.length;
  }

  /** Whether it holds more than it may. */
  get isOver(): boolean {
    return this.#places.length > limits.ringChangesMax || this.#byteCount > limits.ringBytesMax;
  }

  /** Forgets the older half at once: taking from the front of a long list one by one is slow. */
  halve(): void {
    const cut = Math.ceil(this.#places.length / 2);
    for (const { start, end } of this.#places.slice(0, cut)) this.#byteCount -= end - start;
    this.#places = this.#places.slice(cut);
    this.#first += cut;
  }

  /** Forgets all changes. */
  forget(): void {
    this.#forgetBefore(this.end);
  }

  /** Forgets all changes, and passes over the next: nobody goes on from before it. */
  startOver(): void {
    this.#forgetBefore(this.end + 1);
  }

  #forgetBefore(next: number): void {
    this.#first = next;
    this.#places = [];
    this.#byteCount = 0;
    this.#block = new Uint8Array(0);
    this.#filled = 0;
    this.#piece = undefined;
  }

  /** Changes from sequence `from` on, as many as lie together; undefined when it is not at hand. */
  piece(from: number): Piece | undefined {
    if (this.#piece?.from === from && this.#piece.end === this.end) return this.#piece;
    const at = from - this.#first;
    const first = this.#places[at];
    if (first === undefined) return undefined;
    let last = first;
    let count = 1;
    for (;;) {
      const place = this.#places[at + count];
      if (place?.block !== first.block) break;
      last = place;
      count += 1;
    }
    const bytes = first.block.subarray(first.start, last.end);
    this.#piece = { from, end: this.end, bytes, next: from + count };
    return this.#piece;
  }
}
