import type { Amounts } from "./amounts.ts";

/** What a client held before it came to a sorter. */
export interface Holding {
  readonly amounts: Amounts;
  /** How often it was chosen. */
  readonly chosen: number;
}

/**
 * A theory of fair sharing: says who comes next. A client is a number the sorter gives out; roles are the
 * clients of sorters (`RoleTree`), the frameworks of a role those of another.
 *
 * Changes between two walks are gathered and take effect at the next `rewind`: a walk, and `first` after
 * it, see the order as it was when the walk began.
 */
export interface Sorter {
  /** A new client, not active, that holds nothing or what is said. Numbers of removed clients are used again. */
  add(holding?: Holding): number;
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
  /** What a client holds, as far as this theory minds. */
  heldBy(client: number): Amounts;
  readonly activeCount: number;
  /** Begins a walk over the active clients. */
  rewind(): void;
  /** The next client of the walk, −1 when all were visited. */
  next(): number;
  /** The place in `clients` of the active client that comes first in the order of the last `rewind`. */
  first(clients: readonly number[]): number;
}
