import { present } from "./assert.ts";

interface Entry<Id> {
  readonly id: Id;
  deadlineMs: number;
  /** Order of arming: breaks ties, so that equal deadlines come out first in, first out. */
  order: number;
  position: number;
}

/**
 * Deadlines by id in a binary heap: arm, re-arm and cancel in O(log n), the earliest in O(1).
 *
 * Invariant: an id has at most one deadline; equal deadlines are taken in the order of arming.
 */
export class DeadlineQueue<Id extends string | number> {
  readonly #byId = new Map<Id, Entry<Id>>();
  readonly #heap: Entry<Id>[] = [];
  #order = 0;

  get size(): number {
    return this.#heap.length;
  }

  /** Arms `id` for `deadlineMs`, replacing its earlier deadline. */
  set(id: Id, deadlineMs: number): void {
    this.#order += 1;
    const known = this.#byId.get(id);
    if (known === undefined) {
      const entry = { id, deadlineMs, order: this.#order, position: this.#heap.length };
      this.#byId.set(id, entry);
      this.#heap.push(entry);
      this.#up(entry);
      return;
    }
    const isEarlier = deadlineMs < known.deadlineMs;
    known.deadlineMs = deadlineMs;
    known.order = this.#order;
    if (isEarlier) this.#up(known);
    else this.#down(known);
  }

  has(id: Id): boolean {
    return this.#byId.has(id);
  }

  /** The deadline of `id`, or undefined when it has none. */
  deadlineOf(id: Id): number | undefined {
    return this.#byId.get(id)?.deadlineMs;
  }

  /** Cancels the deadline of `id`; false when it had none. */
  delete(id: Id): boolean {
    const entry = this.#byId.get(id);
    if (entry === undefined) return false;
    this.#byId.delete(id);
    const last = present(this.#heap.pop(), "the last entry of a heap that holds one");
    if (last !== entry) {
      last.position = entry.position;
      if (isBefore(last, entry)) this.#up(last);
      else this.#down(last);
    }
    return true;
  }

  /** The earliest deadline, or undefined when none is armed. */
  next(): number | undefined {
    return this.#heap[0]?.deadlineMs;
  }

  /** Removes and returns the id with the earliest deadline, due or not. */
  takeFirst(): Id | undefined {
    const first = this.#heap[0];
    if (first !== undefined) this.delete(first.id);
    return first?.id;
  }

  /** Removes and returns the ids whose deadline is at or before `nowMs`, earliest first. */
  takeDue(nowMs: number): Id[] {
    const due: Id[] = [];
    for (let first = this.#heap[0]; first !== undefined; first = this.#heap[0]) {
      if (first.deadlineMs > nowMs) break;
      due.push(first.id);
      this.delete(first.id);
    }
    return due;
  }

  clear(): void {
    this.#byId.clear();
    this.#heap.length = 0;
  }

  /** Moves an entry from its position towards the root, past all that are due after it. */
  #up(entry: Entry<Id>): void {
    const heap = this.#heap;
    let position = entry.position;
    while (position > 0) {
      const above = (position - 1) >> 1;
      const parent = heap[above];
      if (parent === undefined || !isBefore(entry, parent)) break;
      heap[position] = parent;
      parent.position = position;
      position = above;
    }
    heap[position] = entry;
    entry.position = position;
  }

  /** Moves an entry from its position towards the leaves, past all that are due before it. */
  #down(entry: Entry<Id>): void {
    const heap = this.#heap;
    let position = entry.position;
    for (;;) {
      let below = position * 2 + 1;
      let child = heap[below];
      if (child === undefined) break;
      const right = heap[below + 1];
      if (right !== undefined && isBefore(right, child)) {
        below += 1;
        child = right;
      }
      if (!isBefore(child, entry)) break;
      heap[position] = child;
      child.position = position;
      position = below;
    }
    heap[position] = entry;
    entry.position = position;
  }
}

function isBefore<Id>(left: Entry<Id>, right: Entry<Id>): boolean {
  if (left.deadlineMs !== right.deadlineMs) return left.deadlineMs < right.deadlineMs;
  return left.order < right.order;
}
