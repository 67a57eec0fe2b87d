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
    known.deadlineMs = deadlineMs;
    known.order = this.#order;
    this.#up(known);
    this.#down(known);
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
      this.#heap[last.position] = last;
      this.#up(last);
      this.#down(last);
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

  #up(entry: Entry<Id>): void {
    while (entry.position > 0) {
      const parent = this.#at((entry.position - 1) >> 1);
      if (!isBefore(entry, parent)) return;
      this.#swap(parent, entry);
    }
  }

  #down(entry: Entry<Id>): void {
    for (;;) {
      const left = this.#heap[entry.position * 2 + 1];
      const right = this.#heap[entry.position * 2 + 2];
      if (left === undefined) return;
      const child = right !== undefined && isBefore(right, left) ? right : left;
      if (!isBefore(child, entry)) return;
      this.#swap(entry, child);
    }
  }

  #at(position: number): Entry<Id> {
    return present(this.#heap[position], "an entry inside the heap");
  }

  /** Exchanges a parent with its child. */
  #swap(parent: Entry<Id>, child: Entry<Id>): void {
    const position = parent.position;
    parent.position = child.position;
    child.position = position;
    this.#heap[parent.position] = parent;
    this.#heap[child.position] = child;
  }
}

function isBefore<Id>(left: Entry<Id>, right: Entry<Id>): boolean {
  if (left.deadlineMs !== right.deadlineMs) return left.deadlineMs < right.deadlineMs;
  return left.order < right.order;
}
