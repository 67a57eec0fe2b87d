import { assert } from "@tutti/base";
import { limits } from "./limits.ts";
import type { ClusterTotal, Amounts } from "./amounts.ts";
import type { Holding, Sorter } from "./sorter.ts";

const stride = limits.scalarKindsMax;

/** With at most this many changed clients each is moved alone; with more they are merged in one pass. */
const movedAloneMax = 8;

/** With at most this many places between, clients are shifted one by one: cheaper than a call. */
const shiftedMax = 24;

/**
 * Dominant resource fairness: the client whose dominant share (its largest fraction of any scalar kind of
 * the cluster, divided by its weight) is smallest comes first; of equals the one chosen less often; of
 * those the one that came first.
 *
 * The order is one array of client numbers. A change of a client only marks it; `rewind` moves the marked
 * ones (binary search and a block move), so the cost follows the changes. Only a change of the cluster's
 * total, which may change every share, orders all anew.
 *
 * Invariant: `#order` is sorted by (`#keyShare`, `#keyChosen`, `#arrival`), which change only in `#settle`.
 * Invariant: a client whose share, weight, or activity changed since the last `rewind` is in `#changed`.
 */
export class DrfSorter implements Sorter {
  readonly #total: ClusterTotal;
  #totalVersion = -1;
  #capacity = 0;
  #allocation = new Float64Array(0);
  #weight = new Float64Array(0);
  /** How often each was chosen, live; the keys hold what the order was built from. */
  #chosen = new Float64Array(0);
  #keyShare = new Float64Array(0);
  #keyChosen = new Float64Array(0);
  #arrival = new Float64Array(0);
  #active = new Uint8Array(0);
  #isChanged = new Uint8Array(0);
  #inOrder = new Uint8Array(0);
  #order = new Int32Array(0);
  #orderLength = 0;
  /** The first `#changedCount` are clients that changed; each is in it once. */
  #changed = new Int32Array(0);
  #changedCount = 0;
  readonly #free: number[] = [];
  #clientCount = 0;
  #arrivals = 0;
  #cursor = 0;
  activeCount = 0;

  constructor(total: ClusterTotal) {
    this.#total = total;
  }

  add(holding?: Holding): number {
    const client = this.#free.pop() ?? this.#clientCount++;
    if (client >= this.#capacity) this.#grow();
    this.#allocation.fill(0, client * stride, (client + 1) * stride);
    this.#weight[client] = 1;
    this.#chosen[client] = 0;
    this.#arrival[client] = this.#arrivals;
    this.#arrivals += 1;
    this.#active[client] = 0;
    if (holding !== undefined) {
      this.#charge(client, holding.amounts, 1);
      this.#chosen[client] = holding.chosen;
    }
    return client;
  }

  remove(client: number): void {
    this.setActive(client, false);
    if (this.#inOrder[client] === 1) this.#takeOut(client);
    if (this.#isChanged[client] === 1) {
      this.#isChanged[client] = 0;
      const place = this.#changed.subarray(0, this.#changedCount).indexOf(client);
      this.#changed.copyWithin(place, place + 1, this.#changedCount);
      this.#changedCount -= 1;
    }
    this.#free.push(client);
  }

  setActive(client: number, active: boolean): void {
    const flag = active ? 1 : 0;
    if (this.#active[client] === flag) return;
    this.#active[client] = flag;
    this.activeCount += active ? 1 : -1;
    this.#mark(client);
  }

  setWeight(client: number, weight: number): void {
    assert(weight > 0, "a weight is positive");
    if (this.#weight[client] === weight) return;
    this.#weight[client] = weight;
    this.#mark(client);
  }

  allocated(client: number, amounts: Amounts): void {
    this.#charge(client, amounts, 1);
    this.#chosen[client] = (this.#chosen[client] ?? 0) + 1;
  }

  unallocated(client: number, amounts: Amounts): void {
    this.#charge(client, amounts, -1);
  }

  heldBy(client: number): Amounts {
    return [...this.#allocation.subarray(client * stride, (client + 1) * stride)];
  }

  rewind(): void {
    if (this.#totalVersion !== this.#total.version) this.#orderAll();
    else if (this.#changedCount > 0) this.#settle();
    this.#cursor = 0;
  }

  next(): number {
    if (this.#cursor >= this.#orderLength) return -1;
    this.#cursor += 1;
    return this.#order[this.#cursor - 1] ?? -1;
  }

  first(clients: readonly number[]): number {
    let best = 0;
    for (let place = 1; place < clients.length; place += 1) {
      if (this.#compare(clients[place] ?? 0, clients[best] ?? 0) < 0) best = place;
    }
    return best;
  }

  /** The dominant share of a client, divided by its weight, with all changes up to this moment. */
  shareOf(client: number): number {
    const { values, kindCount } = this.#total;
    const base = client * stride;
    let share = 0;
    for (let kind = 0; kind < kindCount; kind += 1) {
      const amount = this.#allocation[base + kind] ?? 0;
      if (amount === 0) continue;
      const total = values[kind] ?? 0;
      if (total > 0 && amount / total > share) share = amount / total;
    }
    return share / (this.#weight[client] ?? 1);
  }

  #charge(client: number, amounts: Amounts, sign: 1 | -1): void {
    const base = client * stride;
    for (let kind = 0; kind < amounts.length; kind += 1) {
      const amount = amounts[kind] ?? 0;
      if (amount === 0) continue;
      const held = (this.#allocation[base + kind] ?? 0) + sign * amount;
      assert(held >= 0, "a client gives back no more than it holds");
      this.#allocation[base + kind] = held;
    }
    this.#mark(client);
  }

  #mark(client: number): void {
    if (this.#isChanged[client] === 1) return;
    this.#isChanged[client] = 1;
    this.#changed[this.#changedCount] = client;
    this.#changedCount += 1;
  }

  #compare(left: number, right: number): number {
    const share = (this.#keyShare[left] ?? 0) - (this.#keyShare[right] ?? 0);
    if (share !== 0) return share;
    const chosen = (this.#keyChosen[left] ?? 0) - (this.#keyChosen[right] ?? 0);
    if (chosen !== 0) return chosen;
    return (this.#arrival[left] ?? 0) - (this.#arrival[right] ?? 0);
  }

  #takeKey(client: number): void {
    this.#keyShare[client] = this.shareOf(client);
    this.#keyChosen[client] = this.#chosen[client] ?? 0;
  }

  /** Brings the changed clients to their places. */
  #settle(): void {
    if (this.#changedCount <= movedAloneMax) {
      for (let index = 0; index < this.#changedCount; index += 1) {
        const client = this.#changed[index] ?? 0;
        this.#isChanged[client] = 0;
        if (this.#inOrder[client] === 1 && this.#active[client] === 1) {
          this.#move(client);
          continue;
        }
        if (this.#inOrder[client] === 1) this.#takeOut(client);
        this.#takeKey(client);
        if (this.#active[client] === 1) this.#putIn(client);
      }
    } else {
      this.#merge();
    }
    this.#changedCount = 0;
  }

  /** Keeps the unchanged in their order, sorts the changed among themselves, merges from the end. */
  #merge(): void {
    let kept = 0;
    for (let place = 0; place < this.#orderLength; place += 1) {
      const client = this.#order[place] ?? 0;
      if (this.#isChanged[client] === 1) this.#inOrder[client] = 0;
      else this.#order[kept++] = client;
    }
    const moved: number[] = [];
    for (const client of this.#changed.subarray(0, this.#changedCount)) {
      this.#takeKey(client);
      this.#isChanged[client] = 0;
      if (this.#active[client] === 0) continue;
      this.#inOrder[client] = 1;
      moved.push(client);
    }
    moved.sort((left, right) => this.#compare(left, right));
    this.#orderLength = kept + moved.length;
    let place = this.#orderLength - 1;
    for (let next = moved.length - 1, old = kept - 1; next >= 0; place -= 1) {
      const candidate = moved[next] ?? 0;
      const unchanged = old >= 0 ? (this.#order[old] ?? 0) : -1;
      if (unchanged >= 0 && this.#compare(unchanged, candidate) > 0) {
        this.#order[place] = unchanged;
        old -= 1;
      } else {
        this.#order[place] = candidate;
        next -= 1;
      }
    }
  }

  /** Orders everyone anew: the cluster's total changed, and with it possibly every share. */
  #orderAll(): void {
    this.#totalVersion = this.#total.version;
    let length = 0;
    for (let client = 0; client < this.#clientCount; client += 1) {
      this.#isChanged[client] = 0;
      this.#inOrder[client] = this.#active[client] ?? 0;
      if (this.#active[client] === 0) continue;
      this.#takeKey(client);
      this.#order[length++] = client;
    }
    this.#orderLength = length;
    this.#changedCount = 0;
    this.#order.subarray(0, length).sort((left, right) => this.#compare(left, right));
  }

  /** Brings an ordered client to where it belongs now. */
  #move(client: number): void {
    const order = this.#order;
    // Mostly it is the one to which the last walk came, which was given something.
    const walked = this.#cursor - 1;
    const isWalked = walked >= 0 && walked < this.#orderLength && order[walked] === client;
    const from = isWalked ? walked : this.#placeOf(client, 0, this.#orderLength);
    assert(order[from] === client, "an ordered client is at its place");
    this.#takeKey(client);
    const next = from + 1;
    if (next < this.#orderLength && this.#compare(order[next] ?? 0, client) < 0) {
      const to = this.#placeOf(client, next + 1, this.#orderLength) - 1;
      if (to - from > shiftedMax) order.copyWithin(from, next, to + 1);
      else for (let place = from; place < to; place += 1) order[place] = order[place + 1] ?? 0;
      order[to] = client;
    } else if (from > 0 && this.#compare(order[from - 1] ?? 0, client) > 0) {
      const to = this.#placeOf(client, 0, from - 1);
      if (from - to > shiftedMax) order.copyWithin(to + 1, to, from);
      else for (let place = from; place > to; place -= 1) order[place] = order[place - 1] ?? 0;
      order[to] = client;
    }
  }

  /** The first place from `begin` to `end` whose client does not come before `client`; `end` if there is none. */
  #placeOf(client: number, begin: number, end: number): number {
    let low = begin;
    let high = end;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#compare(this.#order[middle] ?? 0, client) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #takeOut(client: number): void {
    const place = this.#placeOf(client, 0, this.#orderLength);
    assert(this.#order[place] === client, "an ordered client is at its place");
    this.#order.copyWithin(place, place + 1, this.#orderLength);
    this.#orderLength -= 1;
    this.#inOrder[client] = 0;
  }

  #putIn(client: number): void {
    const place = this.#placeOf(client, 0, this.#orderLength);
    this.#order.copyWithin(place + 1, place, this.#orderLength);
    this.#order[place] = client;
    this.#orderLength += 1;
    this.#inOrder[client] = 1;
  }

  #grow(): void {
    this.#capacity = Math.max(4, this.#capacity * 2);
    this.#allocation = grownFloats(this.#allocation, this.#capacity * stride);
    this.#weight = grownFloats(this.#weight, this.#capacity);
    this.#chosen = grownFloats(this.#chosen, this.#capacity);
    this.#keyShare = grownFloats(this.#keyShare, this.#capacity);
    this.#keyChosen = grownFloats(this.#keyChosen, this.#capacity);
    this.#arrival = grownFloats(this.#arrival, this.#capacity);
    this.#active = grownBytes(this.#active, this.#capacity);
    this.#isChanged = grownBytes(this.#isChanged, this.#capacity);
    this.#inOrder = grownBytes(this.#inOrder, this.#capacity);
    this.#order = grownInts(this.#order, this.#capacity);
    this.#changed = grownInts(this.#changed, this.#capacity);
  }
}

function grownFloats(values: Float64Array<ArrayBuffer>, length: number): Float64Array<ArrayBuffer> {
  const grown = new Float64Array(length);
  grown.set(values);
  return grown;
}

function grownInts(values: Int32Array<ArrayBuffer>, length: number): Int32Array<ArrayBuffer> {
  const grown = new Int32Array(length);
  grown.set(values);
  return grown;
}

function grownBytes(values: Uint8Array<ArrayBuffer>, length: number): Uint8Array<ArrayBuffer> {
  const grown = new Uint8Array(length);
  grown.set(values);
  return grown;
}
