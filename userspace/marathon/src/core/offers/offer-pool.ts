import type { Offer, Resource } from "@tutti/mesos-v1";
import { fromThousandths, toThousandths } from "@tutti/resources";
import type { Thousandths } from "@tutti/resources";
import type { AttributeText } from "../instance.ts";
import { attributeTexts } from "./attributes.ts";

/** Part of an offer that is still free: one entry of the offer's resources. */
interface Slice {
  readonly resource: Resource;
  /** Of a scalar, in thousandths. */
  amount: number;
  /** Of ranges, ascending and disjoint, both ends included. */
  ranges: { begin: number; end: number }[];
}

/** What is left of one offer while instances are matched against it. */
export class OfferPool {
  readonly offer: Offer;
  readonly attributes: readonly AttributeText[];
  /** The role the offer was made to. */
  readonly role: string;
  readonly #slices: Slice[];
  launched = 0;

  constructor(offer: Offer) {
    this.offer = offer;
    this.attributes = attributeTexts(offer.attributes ?? []);
    const resources = offer.resources ?? [];
    this.role = offer.allocation_info?.role ?? resources[0]?.allocation_info?.role ?? "*";
    this.#slices = resources.filter(isUsable).map((resource) => ({
      resource,
      amount: toThousandths(resource.scalar?.value ?? 0) ?? 0,
      ranges: (resource.ranges?.range ?? []).map(({ begin, end }) => ({
        begin: Number(begin),
        end: Number(end),
      })),
    }));
  }

  get region(): string | undefined {
    return this.offer.domain?.fault_domain?.region.name;
  }

  get zone(): string | undefined {
    return this.offer.domain?.fault_domain?.zone.name;
  }

  /** Roles that the resources of this offer are reserved for; `*` for unreserved ones. */
  get reservedFor(): readonly string[] {
    return [...new Set(this.#slices.map(({ resource }) => reservedFor(resource)))];
  }

  /** Whether something of it is reserved for one of these roles. */
  hasRole(roles: readonly string[]): boolean {
    return this.#slices.some((slice) => roles.includes(reservedFor(slice.resource)));
  }

  /** How much of a scalar is free under these roles, in thousandths. */
  available(name: string, roles: readonly string[]): number {
    return this.#of(name, roles).reduce((sum, slice) => sum + slice.amount, 0);
  }

  /** Whether this very port is free under these roles. */
  hasPort(port: number, roles: readonly string[]): boolean {
    return this.#of("ports", roles).some((slice) =>
      slice.ranges.some(({ begin, end }) => begin <= port && port <= end),
    );
  }

  /** How many ports are free under these roles. */
  portCount(roles: readonly string[]): number {
    let count = 0;
    for (const slice of this.#of("ports", roles)) {
      for (const { begin, end } of slice.ranges) count += end - begin + 1;
    }
    return count;
  }

  /** The `index`th free port under these roles, counting upwards. */
  portAt(index: number, roles: readonly string[]): number | undefined {
    let left = index;
    for (const slice of this.#of("ports", roles)) {
      for (const { begin, end } of slice.ranges) {
        const size = end - begin + 1;
        if (left < size) return begin + left;
        left -= size;
      }
    }
    return undefined;
  }

  /** Takes `amount` thousandths; reserved resources first, so that free ones stay for others. */
  takeScalar(name: string, amount: number, roles: readonly string[]): readonly Resource[] {
    const taken: Resource[] = [];
    let left = amount;
    for (const slice of this.#of(name, roles)) {
      const part = Math.min(left, slice.amount);
      if (part <= 0) continue;
      slice.amount -= part;
      left -= part;
      const value = fromThousandths(part as Thousandths);
      taken.push({ ...slice.resource, scalar: { value } });
    }
    return taken;
  }

  /** Takes these ports; each must be free. */
  takePorts(ports: readonly number[], roles: readonly string[]): readonly Resource[] {
    const taken: Resource[] = [];
    for (const slice of this.#of("ports", roles)) {
      const mine = ports.filter((port) => takePort(slice, port));
      if (mine.length === 0) continue;
      const range = mine.toSorted((a, b) => a - b).map((port) => ({ begin: port, end: port }));
      taken.push({ ...slice.resource, ranges: { range } });
    }
    return taken;
  }

  #of(name: string, roles: readonly string[]): readonly Slice[] {
    const slices = this.#slices.filter(
      ({ resource }) => resource.name === name && roles.includes(reservedFor(resource)),
    );
    return slices.sort((a, b) => orderOf(a.resource) - orderOf(b.resource));
  }
}

/** Volumes, shared and revocable resources are not for apps of this release. */
function isUsable(resource: Resource): boolean {
  return (
    resource.disk === undefined &&
    resource.revocable === undefined &&
    resource.shared === undefined &&
    (resource.reservations ?? []).every((reservation) => reservation.type !== "DYNAMIC")
  );
}

/** The role a resource is reserved for, `*` when it is not. */
function reservedFor(resource: Resource): string {
  const stacked = resource.reservations ?? [];
  return stacked.at(-1)?.role ?? resource.role ?? "*";
}

function orderOf(resource: Resource): number {
  return reservedFor(resource) === "*" ? 1 : 0;
}

/** Removes `port` from the slice; false when it is not there. */
function takePort(slice: Slice, port: number): boolean {
  const index = slice.ranges.findIndex(({ begin, end }) => begin <= port && port <= end);
  const range = slice.ranges[index];
  if (range === undefined) return false;
  const parts = [
    { begin: range.begin, end: port - 1 },
    { begin: port + 1, end: range.end },
  ].filter(({ begin, end }) => begin <= end);
  slice.ranges.splice(index, 1, ...parts);
  return true;
}
