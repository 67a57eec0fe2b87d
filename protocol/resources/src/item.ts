import { compareText } from "@tutti/base";
import type {
  Labels,
  Resource,
  ResourceDiskInfo,
  ResourceDiskInfoSource,
  ResourceReservationInfo,
} from "@tutti/mesos-v1";
import { amountToMessage, formatAmount, normaliseItems } from "./amount.ts";
import type { Amount } from "./amount.ts";
import { amountsPerKindMax, plainKindsMax, rolesPerKindMax } from "./limits.ts";
import { normaliseRanges } from "./ranges.ts";
import { fromThousandths, thousandths, toThousandths } from "./thousandths.ts";

/** A resource message without its value, in the format of stacked reservations. */
export type ResourceHead = Omit<Resource, "scalar" | "ranges" | "set" | "role" | "reservation">;

/**
 * One entry of `Resources`. Items of one kind (by its key) are the same resource and add up.
 * Invariant: `count` says how many of an indivisible kind there are; of all others it is 1.
 */
export interface Item {
  readonly kind: Kind;
  readonly amount: Amount;
  readonly count: number;
}

/** The item of a valid message in either reservation format. */
export function itemOfMessage(message: Resource): Item {
  const amount = amountOfMessage(message);
  if (isPlain(message)) return plainItem(plainKindOf(message), amount);
  const { scalar: _, ranges: __, set: ___, ...rest } = toStackedReservations(message);
  return makeItem(rest, amount, 1);
}

/** An item of these parts; computes its key. */
export function makeItem(head: ResourceHead, amount: Amount, count: number): Item {
  return { kind: Kind.of(head, amount), amount, count };
}

/** The same item allocated to `role`, or to nobody. */
export function reallocate(item: Item, role: string | undefined): Item {
  const kind = item.kind.allocatedTo(role);
  if (kind === item.kind) return item;
  if (!kind.isIndivisible) return plainItem(kind, item.amount);
  return { kind, amount: item.amount, count: item.count };
}

function plainItem(kind: Kind, amount: Amount): Item {
  return amount.type === "SCALAR" ? kind.scalar(amount) : { kind, amount, count: 1 };
}

/** The message of an item, in the format of stacked reservations. That of a plain scalar is one for all. */
export function messageOfItem(item: Item): Resource {
  const { kind, amount } = item;
  if (amount.type === "SCALAR" && kind.holds(item)) return kind.message(amount);
  return messageOf(kind.head, amount);
}

function messageOf({ name, type, ...rest }: ResourceHead, amount: Amount): Resource {
  return { name, type, ...amountToMessage(amount), ...rest };
}

/** Whether a message is plain (it has no `role` either) and says just what the item is. */
export function isItemSaidBy({ kind: { head }, amount }: Item, message: Resource): boolean {
  return (
    isPlain(message) &&
    message.role === undefined &&
    message.name === head.name &&
    message.type === head.type &&
    message.allocation_info?.role === head.allocation_info?.role &&
    isExact(amount, message)
  );
}

/** Whether the message says this amount, to the last digit and in this order. */
function isExact(amount: Amount, { scalar, ranges }: Resource): boolean {
  if (amount.type === "SCALAR") return fromThousandths(amount.thousandths) === scalar?.value;
  if (amount.type !== "RANGES") return false;
  const said = ranges?.range ?? [];
  return (
    said.length === amount.ranges.length &&
    said.every(({ begin, end }, index) => {
      const range = amount.ranges[index];
      return begin === range?.begin && end === range.end;
    })
  );
}

/**
 * What kind of resource an item is: its head and its key. The kinds of plain resources (nothing but a name, a
 * type and an allocation) are shared by all items, so that most comparisons are of one object with itself.
 * Invariant: the key of an indivisible kind (a volume, a mount, a shared one) holds its value.
 */
export class Kind {
  readonly head: ResourceHead;
  readonly key: string;
  readonly isIndivisible: boolean;
  /** The same, allocated to nobody; undefined: it is. */
  readonly #base: Kind | undefined;
  #allocated: Map<string, Kind> | undefined;
  #scalars: Map<number, Item> | undefined;
  #messages: Map<number, Resource> | undefined;

  private constructor(head: ResourceHead, key: string, base: Kind | undefined) {
    this.head = head;
    this.key = key;
    this.isIndivisible = isIndivisible(head);
    this.#base = base;
  }

  /** So much of a divisible kind. Amounts repeat (0.1 cpus, 32 MB): the same is one object. */
  scalar(amount: Extract<Amount, { readonly type: "SCALAR" }>): Item {
    const known = this.#scalars?.get(amount.thousandths);
    if (known !== undefined) return known;
    const item = { kind: this, amount, count: 1 };
    this.#scalars ??= new Map();
    if (this.#scalars.size < amountsPerKindMax) this.#scalars.set(amount.thousandths, item);
    return item;
  }

  /** Whether this is the one object of its amount. */
  holds(item: Item): boolean {
    return item.amount.type === "SCALAR" && this.#scalars?.get(item.amount.thousandths) === item;
  }

  /** The message of so much of it, for an amount whose item is held. */
  message(amount: Extract<Amount, { readonly type: "SCALAR" }>): Resource {
    const known = this.#messages?.get(amount.thousandths);
    if (known !== undefined) return known;
    const message = messageOf(this.head, amount);
    this.#messages ??= new Map();
    this.#messages.set(amount.thousandths, message);
    return message;
  }

  /** The kind with this head; the amount is part of it where it is indivisible. */
  static of(head: ResourceHead, amount: Amount): Kind {
    const { allocation_info: allocation, ...rest } = head;
    const base = new Kind(rest, keyOf(rest, amount), undefined);
    if (allocation === undefined) return base;
    if (allocation.role === undefined) return new Kind(head, base.key, base);
    return base.allocatedTo(allocation.role);
  }

  /** The same kind allocated to `role`, or to nobody. */
  allocatedTo(role: string | undefined): Kind {
    if (this.#base !== undefined) return this.#base.allocatedTo(role);
    if (role === undefined) return this;
    const known = this.#allocated?.get(role);
    if (known !== undefined) return known;
    const head = { ...this.head, allocation_info: { role } };
    const kind = new Kind(head, `${this.key}\n@${role}`, this);
    this.#allocated ??= new Map();
    if (this.#allocated.size < rolesPerKindMax) this.#allocated.set(role, kind);
    return kind;
  }
}

/** Shared kinds by type and name. Bounded: names come from outside. */
const plainKinds = {
  SCALAR: new Map<string, Kind>(),
  RANGES: new Map<string, Kind>(),
  SET: new Map<string, Kind>(),
  TEXT: new Map<string, Kind>(),
};

/** Whether a message says nothing but name, type, value and perhaps for whom it is allocated. */
function isPlain(message: Resource): boolean {
  return (
    message.reservations === undefined &&
    message.reservation === undefined &&
    message.disk === undefined &&
    message.provider_id === undefined &&
    message.revocable === undefined &&
    message.shared === undefined &&
    (message.role === undefined || message.role === "*") &&
    (message.allocation_info === undefined || message.allocation_info.role !== undefined)
  );
}

function plainKindOf({ name, type, allocation_info: allocation }: Resource): Kind {
  const kinds = plainKinds[type];
  let base = kinds.get(name);
  if (base === undefined) {
    base = Kind.of({ name, type }, { type: "SET", items: [] });
    if (kinds.size < plainKindsMax) kinds.set(name, base);
  }
  return base.allocatedTo(allocation?.role);
}

/** Whether an item cannot be split or joined: it is had as a whole, or not at all. */
export function isIndivisible(head: ResourceHead): boolean {
  if (head.shared !== undefined || head.disk?.persistence !== undefined) return true;
  const source = head.disk?.source;
  switch (source?.type) {
    case "MOUNT":
    case "BLOCK":
      return true;
    case "RAW":
      return source.id !== undefined;
    case "PATH":
    case "UNKNOWN":
    case undefined:
      return false;
  }
}

/** Turns `role` and `reservation` of older messages into one stacked reservation. Rule RES7. */
export function toStackedReservations(message: Resource): Resource {
  const { role, reservation, reservations, ...rest } = message;
  if (reservations !== undefined && reservations.length > 0) return { ...rest, reservations };
  if (role === undefined || role === "*") return rest;
  const only: ResourceReservationInfo =
    reservation === undefined
      ? { type: "STATIC", role }
      : { ...reservation, type: "DYNAMIC", role };
  return { ...rest, reservations: [only] };
}

function amountOfMessage(message: Resource): Amount {
  switch (message.type) {
    case "SCALAR":
      return {
        type: "SCALAR",
        thousandths: toThousandths(message.scalar?.value ?? 0) ?? thousandths(0),
      };
    case "RANGES": {
      const ranges = (message.ranges?.range ?? []).map(({ begin, end }) => ({
        begin: Number(begin),
        end: Number(end),
      }));
      return { type: "RANGES", ranges: normaliseRanges(ranges) };
    }
    case "SET":
    case "TEXT":
      return { type: "SET", items: normaliseItems(message.set?.item ?? []) };
  }
}

function keyOf(head: ResourceHead, amount: Amount): string {
  let key = `${JSON.stringify(head.name)}\n${head.type}`;
  for (const reservation of head.reservations ?? []) key += `\nr${keyOfReservation(reservation)}`;
  if (head.disk !== undefined) key += `\nd${keyOfDisk(head.disk)}`;
  if (head.provider_id !== undefined) key += `\np${JSON.stringify(head.provider_id.value)}`;
  if (head.revocable !== undefined) key += "\nv";
  if (head.shared !== undefined) key += "\ns";
  return isIndivisible(head) ? `${key}\n=${JSON.stringify(formatAmount(amount))}` : key;
}

function keyOfReservation({ type, role, principal, labels }: ResourceReservationInfo): string {
  return JSON.stringify([type, role, principal ?? null, keyOfLabels(labels)]);
}

/** What a volume is used for (its path in a container) is no part of what it is. */
function keyOfDisk({ source, persistence }: ResourceDiskInfo): string {
  return JSON.stringify([
    source === undefined ? null : keyOfSource(source),
    persistence?.id ?? null,
  ]);
}

function keyOfSource(source: ResourceDiskInfoSource): readonly unknown[] {
  const { type, path, mount, vendor, id, profile, metadata } = source;
  return [
    type,
    path === undefined ? null : [path.root ?? null],
    mount === undefined ? null : [mount.root ?? null],
    vendor ?? null,
    id ?? null,
    profile ?? null,
    keyOfLabels(metadata),
  ];
}

function keyOfLabels(labels: Labels | undefined): readonly string[] | null {
  if (labels === undefined) return null;
  return (labels.labels ?? [])
    .map(({ key, value }) => JSON.stringify([key, value ?? null]))
    .sort(compareText);
}
