import type { Amounts } from "./amounts.ts";

/**
 * A theory of fair sharing: says who comes next. A client is a number the sorter gives out; roles are the
 * clients of one sorter, the frameworks of a role those of another.
 *
 * Changes between two walks are gathered and take effect at the next `rewind`: a walk, and `first` after
 * it, see the order as it was when the walk began.
 */
export interface Sorter {
  /** A new client that holds nothing and is not active. Numbers of removed clients are used again. */
  add(): number;
  /** Forgets a client. */
  remove(client: number): void;
  /** Only active clients are walked. */
  setActive(client: number, active: boolean): void;
  /** A client of weight 2 may hold twice as much as one of weight 1 before it comes later. */
  setWeight(client: number, weight: number): void;
  /** Charges a client for what it was given. */
  allocated(client: number, amounts: Amounts): void;
  /** Takes a charge back. */
  unallocated(client: number, amounts: Amounts): void;
  readonly activeCount: number;
  /** Begins a walk over the active clients. */
  rewind(): void;
  /** The next client of the walk, −1 when all were visited. */
  next(): number;
  /** The place in `clients` of the active client that comes first in the order of the last `rewind`. */
  first(clients: readonly number[]): number;
}
