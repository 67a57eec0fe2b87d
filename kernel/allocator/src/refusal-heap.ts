/** Where a refusal stands: its refused resources, its client, and the lives of both when it was made. */
export interface RefusalEntry {
  readonly deadlineMs: number;
  readonly refused: number;
  readonly refusedLife: number;
  readonly client: number;
  readonly clientLife: number;
}

const initialCapacity = 64;

/** Refusals by deadline in a binary heap of typed arrays: 24 bytes each. */
export class RefusalHeap {
  #deadlineMs = new Float64Array(initialCapacity);
  /** Four numbers for each entry: refused, refusedLife, client, clientLife. */
  #numbers = new Int32Array(initialCapacity * 4);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** Of the entry that ends first; undefined when there is none. */
  get nextDeadlineMs(): number | undefined {
    return this.#size === 0 ? undefined : this.#deadlineMs[0];
  }

  push(entry: RefusalEntry): void {
    if (this.#size === this.#deadlineMs.length) this.#grow();
    this.#write(this.#size, entry);
    this.#size += 1;
    this.#up(this.#size - 1);
  }

  /** The entry that ends first. The heap must not be empty. */
  peek(): RefusalEntry {
    return this.#read(0);
  }

  pop(): RefusalEntry {
    const first = this.#read(0);
    this.#size -= 1;
    if (this.#size > 0) {
      this.#move(this.#size, 0);
      this.#down(0);
    }
    return first;
  }

  /** Keeps only the entries that `keeps`. */
  retain(keeps: (entry: RefusalEntry) => boolean): void {
    let kept = 0;
    for (let place = 0; place < this.#size; place += 1) {
      if (!keeps(this.#read(place))) continue;
      if (kept !== place) this.#move(place, kept);
      kept += 1;
    }
    this.#size = kept;
    for (let place = (kept >>> 1) - 1; place >= 0; place -= 1) this.#down(place);
  }

  #up(from: number): void {
    const entry = this.#read(from);
    let place = from;
    while (place > 0) {
      const parent = (place - 1) >>> 1;
      if ((this.#deadlineMs[parent] ?? 0) <= entry.deadlineMs) break;
      this.#move(parent, place);
      place = parent;
    }
    this.#write(place, entry);
  }

  #down(from: number): void {
    const entry = this.#read(from);
    let place = from;
    for (;;) {
      let child = place * 2 + 1;
      if (child >= this.#size) break;
      const right = child + 1;
      if (right < this.#size && (this.#deadlineMs[right] ?? 0) < (this.#deadlineMs[child] ?? 0)) {
        child = right;
      }
      if ((this.#deadlineMs[child] ?? 0) >= entry.deadlineMs) break;
      this.#move(child, place);
      place = child;
    }
    this.#write(place, entry);
  }

  #read(place: number): RefusalEntry {
    return {
      deadlineMs: this.#deadlineMs[place] ?? 0,
      refused: this.#numbers[place * 4] ?? 0,
      refusedLife: this.#numbers[place * 4 + 1] ?? 0,
      client: this.#numbers[place * 4 + 2] ?? 0,
      clientLife: this.#numbers[place * 4 + 3] ?? 0,
    };
  }

  #write(place: number, entry: RefusalEntry): void {
    this.#deadlineMs[place] = entry.deadlineMs;
    this.#numbers[place * 4] = entry.refused;
    this.#numbers[place * 4 + 1] = entry.refusedLife;
    this.#numbers[place * 4 + 2] = entry.client;
    this.#numbers[place * 4 + 3] = entry.clientLife;
  }

  #move(from: number, to: number): void {
    this.#deadlineMs[to] = this.#deadlineMs[from] ?? 0;
    this.#numbers.copyWithin(to * 4, from * 4, from * 4 + 4);
  }

  #grow(): void {
    const capacity = this.#deadlineMs.length * 2;
    const deadlineMs = new Float64Array(capacity);
    deadlineMs.set(this.#deadlineMs);
    const numbers = new Int32Array(capacity * 4);
    numbers.set(this.#numbers);
    this.#deadlineMs = deadlineMs;
    this.#numbers = numbers;
  }
}
