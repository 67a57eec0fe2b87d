/** So many cancelled events may stay in any heap. */
const cancelledKept = 64;

/** Something planned; without `fire` it was cancelled. */
interface PlannedEvent {
  readonly atMs: number;
  /** Order of planning: breaks ties. */
  readonly order: number;
  fire: (() => void) | undefined;
}

/**
 * What is planned in a world: a binary heap by time, first planned first at equal times. What is
 * cancelled stays in the heap until its time or until it is most of it, which makes cancelling cheap:
 * nearly every timeout of a simulation is cancelled.
 *
 * Invariant: the first event of the heap was not cancelled.
 */
export class EventQueue {
  #heap: PlannedEvent[] = [];
  #order = 0;
  #cancelled = 0;

  /** Plans `fire`; the returned function cancels it, once it has happened without effect. */
  add(atMs: number, fire: () => void): () => void {
    const event = this.#plan(atMs, fire);
    return () => {
      if (event.fire === undefined) return;
      event.fire = undefined;
      this.#cancelled += 1;
      this.#tidy();
    };
  }

  /** Plans what nobody cancels, such as a message on its way. */
  addForGood(atMs: number, fire: () => void): void {
    this.#plan(atMs, fire);
  }

  #plan(atMs: number, fire: () => void): PlannedEvent {
    this.#order += 1;
    const event: PlannedEvent = { atMs, order: this.#order, fire };
    this.#heap.push(event);
    siftUp(this.#heap, this.#heap.length - 1);
    return event;
  }

  /** When the next event happens; undefined when nothing is planned. */
  nextMs(): number | undefined {
    return this.#heap[0]?.atMs;
  }

  /** Takes the next event out. */
  take(): (() => void) | undefined {
    const first = this.#heap[0];
    if (first === undefined) return undefined;
    const { fire } = first;
    first.fire = undefined;
    this.#removeFirst();
    this.#tidy();
    return fire;
  }

  #tidy(): void {
    while (this.#heap[0] !== undefined && this.#heap[0].fire === undefined) {
      this.#removeFirst();
      this.#cancelled -= 1;
    }
    if (this.#cancelled > cancelledKept && this.#cancelled * 2 > this.#heap.length) this.#compact();
  }

  #compact(): void {
    this.#heap = this.#heap.filter(({ fire }) => fire !== undefined);
    this.#cancelled = 0;
    for (let at = (this.#heap.length >> 1) - 1; at >= 0; at -= 1) siftDown(this.#heap, at);
  }

  #removeFirst(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    heap[0] = last;
    siftDown(heap, 0);
  }
}

function isBefore(one: PlannedEvent, other: PlannedEvent): boolean {
  return one.atMs < other.atMs || (one.atMs === other.atMs && one.order < other.order);
}

function siftUp(heap: PlannedEvent[], from: number): void {
  const event = heap[from];
  if (event === undefined) return;
  let at = from;
  while (at > 0) {
    const parentAt = (at - 1) >> 1;
    const parent = heap[parentAt];
    if (parent === undefined || !isBefore(event, parent)) break;
    heap[at] = parent;
    at = parentAt;
  }
  heap[at] = event;
}

function siftDown(heap: PlannedEvent[], from: number): void {
  const event = heap[from];
  if (event === undefined) return;
  let at = from;
  for (;;) {
    const left = heap[2 * at + 1];
    if (left === undefined) break;
    const right = heap[2 * at + 2];
    const isRight = right !== undefined && isBefore(right, left);
    const child = isRight ? right : left;
    if (!isBefore(child, event)) break;
    heap[at] = child;
    at = 2 * at + (isRight ? 2 : 1);
  }
  heap[at] = event;
}
