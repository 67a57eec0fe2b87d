/**
 * The narrative of a simulation, line by line. Its hash is the same for the same seed; it keeps the
 * last lines, or all of them when asked to.
 */
export class Trace {
  readonly #linesMax: number;
  #lines: string[] = [];
  #count = 0;
  #hash = 0x811c9dc5;

  constructor(linesMax: number) {
    this.#linesMax = linesMax;
  }

  /** Lines told so far. */
  get count(): number {
    return this.#count;
  }

  /** A hash of all lines told so far. */
  get hash(): string {
    return (this.#hash >>> 0).toString(16).padStart(8, "0");
  }

  tell(line: string): void {
    this.#count += 1;
    let hash = this.#hash;
    for (let at = 0; at < line.length; at += 1) {
      hash = Math.imul(hash ^ line.charCodeAt(at), 0x01000193);
    }
    this.#hash = Math.imul(hash ^ 10, 0x01000193);
    this.#lines.push(line);
    if (this.#lines.length > 2 * this.#linesMax) this.#lines = this.#lines.slice(-this.#linesMax);
  }

  /** The last lines, at most `countMax`. */
  tail(countMax: number): readonly string[] {
    const count = Math.min(countMax, this.#linesMax, this.#lines.length);
    return this.#lines.slice(this.#lines.length - count);
  }
}
