import { assert } from "@tutti/base";
import type { Random } from "@tutti/ports";
import type { Amounts } from "./amounts.ts";
import type { Sorter } from "./sorter.ts";

/** Weights are drawn with in thousandths, so that sums of them are exact. */
const weightUnit = 1000;

/**
 * Weighted chance: in each walk every active client has, among those not yet visited, a chance in proportion
 * to its weight. What clients hold plays no part.
 *
 * A walk draws only as many clients as are asked for: a Fenwick tree over the weights finds the drawn one in
 * O(log n), and the next `rewind` puts the visited ones back.
 *
 * Invariant: the tree holds the weight of every active client that the walk has not visited.
 */
export class RandomSorter implements Sorter {
  readonly #random: Random;
  /** Per client: weight in thousandths, whether active, and whether the tree holds it. */
  readonly #weight: number[] = [];
  readonly #active: boolean[] = [];
  readonly #inTree: boolean[] = [];
  #tree: number[] = [0];
  #remaining = 0;
  #visited: number[] = [];
  /** Clients whose activity or weight changed since the last `rewind`. */
  #changed: number[] = [];
  readonly #free: number[] = [];
  activeCount = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  add(): number {
    const client = this.#free.pop() ?? this.#weight.length;
    if (client === this.#weight.length) {
      this.#inTree.push(false);
      if (client + 1 >= this.#tree.length) this.#growTree();
    }
    this.#weight[client] = weightUnit;
    this.#active[client] = false;
    return client;
  }

  remove(client: number): void {
    this.setActive(client, false);
    if (this.#inTree[client] === true) this.#takeOut(client);
    this.#visited = this.#visited.filter((each) => each !== client);
    this.#changed = this.#changed.filter((each) => each !== client);
    this.#free.push(client);
  }

  setActive(client: number, active: boolean): void {
    if (this.#active[client] === active) return;
    this.#active[client] = active;
    this.activeCount += active ? 1 : -1;
    this.#changed.push(client);
  }

  setWeight(client: number, weight: number): void {
    assert(weight > 0, "a weight is positive");
    if (this.#inTree[client] === true) {
      this.#takeOut(client);
      this.#visited.push(client);
    }
    this.#weight[client] = Math.max(1, Math.round(weight * weightUnit));
    this.#changed.push(client);
  }

  allocated(_client: number, _amounts: Amounts): void {}

  unallocated(_client: number, _amounts: Amounts): void {}

  heldBy(_client: number): Amounts {
    return [];
  }

  rewind(): void {
    for (const client of this.#changed) {
      const wanted = this.#active[client] === true;
      if (this.#inTree[client] === true && !wanted) this.#takeOut(client);
      if (this.#inTree[client] !== true && wanted) this.#putIn(client);
    }
    this.#changed = [];
    for (const client of this.#visited) {
      if (this.#inTree[client] !== true && this.#active[client] === true) this.#putIn(client);
    }
    this.#visited = [];
  }

  next(): number {
    if (this.#remaining === 0) return -1;
    const client = this.#at(this.#random.below(this.#remaining));
    this.#takeOut(client);
    this.#visited.push(client);
    return client;
  }

  first(clients: readonly number[]): number {
    let sum = 0;
    for (const client of clients) sum += this.#weight[client] ?? 0;
    let drawn = this.#random.below(sum);
    for (let place = 0; place < clients.length; place += 1) {
      drawn -= this.#weight[clients[place] ?? 0] ?? 0;
      if (drawn < 0) return place;
    }
    return clients.length - 1;
  }

  /** The client in whose stretch of the summed weights `point` lies. */
  #at(point: number): number {
    let place = 0;
    let rest = point;
    for (let step = (this.#tree.length - 1) | 0; step > 0; step >>= 1) {
      const probe = place + step;
      const sum = this.#tree[probe];
      if (sum === undefined || sum > rest) continue;
      rest -= sum;
      place = probe;
    }
    return place;
  }

  #putIn(client: number): void {
    this.#inTree[client] = true;
    this.#shift(client, this.#weight[client] ?? 0);
  }

  #takeOut(client: number): void {
    this.#inTree[client] = false;
    this.#shift(client, -(this.#weight[client] ?? 0));
  }

  #shift(client: number, amount: number): void {
    this.#remaining += amount;
    for (let place = client + 1; place < this.#tree.length; place += place & -place) {
      this.#tree[place] = (this.#tree[place] ?? 0) + amount;
    }
  }

  /** Doubles the tree; its length is a power of two plus one, so that `#at` halves evenly. */
  #growTree(): void {
    const length = this.#tree.length === 1 ? 4 : (this.#tree.length - 1) * 2;
    this.#tree = Array.from({ length: length + 1 }, () => 0);
    this.#remaining = 0;
    for (let client = 0; client < this.#weight.length; client += 1) {
      if (this.#inTree[client] === true) this.#shift(client, this.#weight[client] ?? 0);
    }
  }
}
