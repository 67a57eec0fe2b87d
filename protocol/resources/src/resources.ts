import { assert, ok } from "@tutti/base";
import type { Result } from "@tutti/base";
import type { Resource, ResourceReservationInfo } from "@tutti/mesos-v1";
import { containsAmount, equalAmounts, formatAmount } from "./amount.ts";
import { cutItems } from "./cut.ts";
import { formatHead } from "./format.ts";
import { collectMany, comparedMax, find, isNothing, put, split } from "./item-sums.ts";
import { isItemSaidBy, itemOfMessage, makeItem, messageOfItem, reallocate } from "./item.ts";
import type { Item, ResourceHead } from "./item.ts";
import { Quantities } from "./quantities.ts";
import { addRanges } from "./ranges.ts";
import type { Ranges } from "./ranges.ts";
import { thousandths } from "./thousandths.ts";
import type { Thousandths } from "./thousandths.ts";
import { isStrictSubrole } from "./validate-reservations.ts";
import { validateResources } from "./validate.ts";
import type { ResourceRefusal } from "./validate.ts";

/**
 * An immutable collection of resources with Mesos's algebra: items of one name, reservation, disk,
 * allocation and kind add up; indivisible ones (persistent volumes, mounts, shared) are counted.
 * Invariant: keys are distinct, no item is empty.
 */
export class Resources {
  /** Nothing. */
  static readonly empty: Resources = new Resources([]);
  readonly #items: readonly Item[];
  #quantities: Quantities | undefined;

  private constructor(items: readonly Item[]) {
    this.#items = items;
  }

  /** Reads messages in either reservation format; refuses invalid ones in Mesos's words. */
  static parse(messages: readonly Resource[]): Result<Resources, ResourceRefusal> {
    const valid = validateResources(messages);
    return valid.ok ? ok(Resources.#collect(messages.map(itemOfMessage))) : valid;
  }

  /** Reads messages that were validated before; an invalid one is a bug. */
  static of(messages: readonly Resource[]): Resources {
    const parsed = Resources.parse(messages);
    assert(parsed.ok, parsed.ok ? "" : parsed.error.message);
    return parsed.value;
  }

  /** The sum of many. */
  static sum(parts: Iterable<Resources>): Resources {
    const items: Item[] = [];
    for (const part of parts) items.push(...part.#items);
    return Resources.#collect(items);
  }

  static #collect(items: readonly Item[]): Resources {
    if (items.length > comparedMax) return Resources.#made(collectMany(items));
    const sums: Item[] = [];
    for (const item of items) put(sums, item);
    return Resources.#made(sums);
  }

  /** A list that was filled by and by has room for more items; its copy has none, and most are kept for long. */
  static #made(items: readonly Item[]): Resources {
    return items.length === 0 ? Resources.empty : new Resources(items.slice());
  }

  get isEmpty(): boolean {
    return this.#items.length === 0;
  }

  add(other: Resources): Resources {
    if (other.isEmpty) return this;
    if (this.isEmpty) return other;
    const items = [...this.#items];
    if (items.length + other.#items.length > comparedMax) {
      items.push(...other.#items);
      return Resources.#collect(items);
    }
    for (const item of other.#items) put(items, item);
    return Resources.#made(items);
  }

  /** What is left without `other`; what `other` has beyond this is ignored. */
  subtract(other: Resources): Resources {
    if (other.isEmpty || this.isEmpty) return this;
    if (other === this) return Resources.empty;
    const items: Item[] = [];
    for (const item of this.#items) {
      const gone = find(other.#items, item);
      const rest = gone === undefined ? item : split(item, gone);
      if (!isNothing(rest)) items.push(rest);
    }
    return Resources.#made(items);
  }

  /** Whether all of `other` is here. */
  contains(other: Resources): boolean {
    for (const item of other.#items) {
      const mine = find(this.#items, item);
      if (mine === undefined || mine.count < item.count) return false;
      if (!containsAmount(mine.amount, item.amount)) return false;
    }
    return true;
  }

  equals(other: Resources): boolean {
    if (this.#items.length !== other.#items.length) return false;
    for (const item of this.#items) {
      const that = find(other.#items, item);
      if (that === undefined || that.count !== item.count) return false;
      if (!equalAmounts(that.amount, item.amount)) return false;
    }
    return true;
  }

  /** The items whose head (the message without its value) satisfies `keep`. */
  filter(keep: (head: ResourceHead) => boolean): Resources {
    let kept: Item[] | undefined;
    for (let at = 0; at < this.#items.length; at += 1) {
      const item = this.#items[at];
      if (item === undefined) continue;
      if (!keep(item.kind.head)) kept ??= this.#items.slice(0, at);
      else kept?.push(item);
    }
    return kept === undefined ? this : Resources.#made(kept);
  }

  /** Whether an item has a head (the message without its value) that satisfies `is`. */
  hasAny(is: (head: ResourceHead) => boolean): boolean {
    for (const item of this.#items) if (is(item.kind.head)) return true;
    return false;
  }

  /**
   * With the scalars that `isCounted` cut so that of each name no more is left than `roomOf` says (in
   * thousandths; undefined: no bound). What cannot be divided and does not fit is left out.
   */
  cutScalars(
    roomOf: (name: string) => number | undefined,
    isCounted: (head: ResourceHead) => boolean,
  ): Resources {
    const cut = cutItems(this.#items, roomOf, isCounted);
    return cut === undefined ? this : Resources.#made(cut);
  }

  unreserved(): Resources {
    return this.filter((head) => reservationRoleOf(head) === undefined);
  }

  /** Reserved to exactly `role`, or to anyone. */
  reserved(role?: string): Resources {
    return this.filter((head) => {
      const owner = reservationRoleOf(head);
      return role === undefined ? owner !== undefined : owner === role;
    });
  }

  /** What `role` may be given: unreserved, reserved to it, or to one of its ancestors. */
  allocatableTo(role: string): Resources {
    return this.filter((head) => {
      const owner = reservationRoleOf(head);
      return owner === undefined || owner === role || isStrictSubrole(role, owner);
    });
  }

  named(name: string): Resources {
    return this.filter((head) => head.name === name);
  }

  revocable(): Resources {
    return this.filter((head) => head.revocable !== undefined);
  }

  nonRevocable(): Resources {
    return this.filter((head) => head.revocable === undefined);
  }

  shared(): Resources {
    return this.filter((head) => head.shared !== undefined);
  }

  nonShared(): Resources {
    return this.filter((head) => head.shared === undefined);
  }

  persistentVolumes(): Resources {
    return this.filter((head) => head.disk?.persistence !== undefined);
  }

  scalars(): Resources {
    return this.filter((head) => head.type === "SCALAR");
  }

  /** All of it, allocated to `role`. */
  allocate(role: string): Resources {
    return this.#reallocated(role);
  }

  /** All of it, allocated to nobody. */
  unallocate(): Resources {
    return this.#reallocated(undefined);
  }

  #reallocated(role: string | undefined): Resources {
    const items = this.#items.map((item) => reallocate(item, role));
    // What differs in more than the allocation stays different.
    return this.#hasOne(allocationRoleOf) ? Resources.#made(items) : Resources.#collect(items);
  }

  /** The role that all of it is allocated to; undefined when there is none, or several. */
  soleAllocation(): string | undefined {
    return this.#onlyOf(allocationRoleOf);
  }

  /** By the role each part is allocated to; what is not allocated is left out. */
  byAllocation(): ReadonlyMap<string, Resources> {
    return this.#groupBy(allocationRoleOf);
  }

  /** By the role each part is reserved to; what is unreserved is left out. */
  byReservation(): ReadonlyMap<string, Resources> {
    return this.#groupBy(reservationRoleOf);
  }

  /** The roles that something is reserved to, each once. */
  reservationRoles(): readonly string[] {
    let roles: string[] | undefined;
    for (const item of this.#items) {
      const role = reservationRoleOf(item.kind.head);
      if (role === undefined) continue;
      roles ??= [];
      if (!roles.includes(role)) roles.push(role);
    }
    return roles ?? noRoles;
  }

  /** All of it with every reservation removed. */
  toUnreserved(): Resources {
    return this.#mapHeads(({ reservations: _, ...rest }) => rest);
  }

  /** All of it with one more reservation on top. */
  pushReservation(reservation: ResourceReservationInfo): Resources {
    return this.#mapHeads((head) => ({
      ...head,
      reservations: [...(head.reservations ?? []), reservation],
    }));
  }

  /** All of it with the last reservation taken off; every part must have one. */
  popReservation(): Resources {
    return this.#mapHeads(({ reservations = [], ...rest }) => {
      assert(reservations.length > 0, "only reserved resources lose a reservation");
      const left = reservations.slice(0, -1);
      return left.length === 0 ? rest : { ...rest, reservations: left };
    });
  }

  /** Scalars by name, whoever they belong to; a shared volume counts once. */
  quantities(): Quantities {
    if (this.#quantities === undefined) {
      const entries: [string, Thousandths][] = [];
      this.forEachScalar((name, amount) => {
        entries.push([name, amount]);
      });
      this.#quantities = Quantities.of(entries);
    }
    return this.#quantities;
  }

  /** Each scalar, whoever it belongs to; one name may come several times. A shared volume counts once. */
  forEachScalar(visit: (name: string, amount: Thousandths) => void): void {
    for (const { kind, amount, count } of this.#items) {
      if (amount.type !== "SCALAR") continue;
      const times = kind.head.shared === undefined ? count : 1;
      visit(kind.head.name, thousandths(amount.thousandths * times));
    }
  }

  /** How much there is of a scalar, whoever it belongs to. */
  scalar(name: string): Thousandths {
    if (this.#quantities !== undefined) return this.#quantities.get(name);
    let sum = 0;
    for (const { kind, amount, count } of this.#items) {
      if (amount.type !== "SCALAR" || kind.head.name !== name) continue;
      sum += amount.thousandths * (kind.head.shared === undefined ? count : 1);
    }
    return thousandths(Math.max(0, sum));
  }

  /** All ranges of a name, such as `ports`, whoever they belong to. */
  ranges(name: string): Ranges {
    return this.#items.reduce<Ranges>(
      (sum, { kind, amount }) =>
        amount.type === "RANGES" && kind.head.name === name ? addRanges(sum, amount.ranges) : sum,
      [],
    );
  }

  /** Messages in the format of stacked reservations, in order of arrival. */
  toMessages(): readonly Resource[] {
    const messages: Resource[] = [];
    for (const item of this.#items) {
      const message = messageOfItem(item);
      for (let copy = 0; copy < item.count; copy += 1) messages.push(message);
    }
    return messages;
  }

  /**
   * Whether these are just the messages of `toMessages`, all of them plain (a name, a type, a value, an
   * allocation); of others it is not found out.
   */
  isSaidBy(messages: readonly Resource[]): boolean {
    if (messages.length !== this.#items.length) return false;
    for (let at = 0; at < messages.length; at += 1) {
      const item = this.#items[at];
      const message = messages[at];
      if (item === undefined || message === undefined || !isItemSaidBy(item, message)) return false;
    }
    return true;
  }

  /** Mesos's text: `cpus(allocated: *):0.1; mem(allocated: *):32`, and `{}` for nothing. */
  toString(): string {
    if (this.isEmpty) return "{}";
    return this.#items
      .map(({ kind: { head }, amount, count }) => {
        const text = `${formatHead(head)}:${formatAmount(amount)}`;
        return head.shared === undefined ? Array(count).fill(text).join("; ") : `${text}<${count}>`;
      })
      .join("; ");
  }

  #mapHeads(change: (head: ResourceHead) => ResourceHead): Resources {
    const items = this.#items.map(({ kind, amount, count }) =>
      makeItem(change(kind.head), amount, count),
    );
    return Resources.#collect(items);
  }

  /** The role of all items, when they have the same. */
  #onlyOf(roleOf: (head: ResourceHead) => string | undefined): string | undefined {
    const [first] = this.#items;
    if (first === undefined || !this.#hasOne(roleOf)) return undefined;
    return roleOf(first.kind.head);
  }

  /** Whether all items have the same role, or all none. */
  #hasOne(roleOf: (head: ResourceHead) => string | undefined): boolean {
    const [first] = this.#items;
    if (first === undefined) return true;
    const role = roleOf(first.kind.head);
    for (const item of this.#items) if (roleOf(item.kind.head) !== role) return false;
    return true;
  }

  #groupBy(roleOf: (head: ResourceHead) => string | undefined): ReadonlyMap<string, Resources> {
    const only = this.#onlyOf(roleOf);
    if (only !== undefined) return new Map([[only, this]]);
    const groups = new Map<string, Item[]>();
    for (const item of this.#items) {
      const role = roleOf(item.kind.head);
      if (role === undefined) continue;
      const group = groups.get(role);
      if (group === undefined) groups.set(role, [item]);
      else group.push(item);
    }
    return new Map([...groups].map(([role, items]) => [role, new Resources(items)]));
  }
}

/** The role a resource is reserved to: that of its last reservation; undefined when unreserved. */
export function reservationRoleOf(head: ResourceHead): string | undefined {
  return head.reservations?.at(-1)?.role;
}

const noRoles: readonly string[] = [];

function allocationRoleOf(head: ResourceHead): string | undefined {
  return head.allocation_info?.role;
}
