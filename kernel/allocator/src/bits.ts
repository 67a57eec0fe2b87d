/** A growing set of small numbers, one bit each; `words` may be read directly. */
export class Bits {
  words = new Uint32Array(0);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  has(number: number): boolean {
    return (((this.words[number >>> 5] ?? 0) >>> (number & 31)) & 1) === 1;
  }

  add(number: number): void {
    if (this.has(number)) return;
    const word = number >>> 5;
    if (word >= this.words.length) {
      const grown = new Uint32Array(Math.max(word + 1, this.words.length * 2));
      grown.set(this.words);
      this.words = grown;
    }
    this.words[word] = (this.words[word] ?? 0) | (1 << (number & 31));
    this.#size += 1;
  }

  /** What is in the set, from the least. */
  *numbers(): Generator<number> {
    for (const [index, word] of this.words.entries()) {
      for (let rest = word; rest !== 0; rest &= rest - 1) {
        yield index * 32 + (31 - Math.clz32(rest & -rest));
      }
    }
  }

  delete(number: number): void {
    if (!this.has(number)) return;
    const word = number >>> 5;
    this.words[word] = (this.words[word] ?? 0) & ~(1 << (number & 31));
    this.#size -= 1;
  }
}
