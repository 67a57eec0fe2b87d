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
import { normaliseRanges } from "./ranges.ts";
import { thousandths, toThousandths } from "./thousandths.ts";

/** A resource message without its value, in the format of stacked reservations. */
export type ResourceHead = Omit<Resource, "scalar" | "ranges" | "set" | "role" | "reservation">;

/**
 * One entry of `Resources`. Items of one `key` are the same resource and add up.
 * Invariant: the key of an indivisible item (a volume, a mount, a shared one) holds its value, and
 * `count` says how many of it there are; of all others `count` is 1.
 */
export interface Item {
  readonly key: string;
  /** The key without the allocation. */
  readonly baseKey: string;
  readonly head: ResourceHead;
  readonly amount: Amount;
  readonly count: number;
}

/** The item of a valid message in either reservation format. */
export function itemOfMessage(message: Resource): Item {
  const { scalar: _, ranges: __, set: ___, ...rest } = toStackedReservations(message);
  return makeItem(rest, amountOfMessage(message), 1);
}

/** An item of these parts; computes its key. */
export function makeItem(head: ResourceHead, amount: Amount, count: number): Item {
  const baseKey = keyOf(head, amount);
  return {
    key: keyOfAllocation(baseKey, head.allocation_info?.role),
    baseKey,
    head,
    amount,
    count,
  };
}

/** The same item allocated to `role`, or to nobody. */
export function reallocate(item: Item, role: string | undefined): Item {
  const { allocation_info: _, ...rest } = item.head;
  const head = role === undefined ? rest : { ...rest, allocation_info: { role } };
  return { ...item, key: keyOfAllocation(item.baseKey, role), head };
}

/** The message of an item, in the format of stacked reservations. */
export function messageOfItem({ head, amount }: Item): Resource {
  const { name, type, ...rest } = head;
  return { name, type, ...amountToMessage(amount), ...rest };
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

function keyOfAllocation(baseKey: string, role: string | undefined): string {
  return role === undefined ? baseKey : `${baseKey}\n@${role}`;
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
