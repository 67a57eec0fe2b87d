import type { RoleName } from "@tutti/ids";
import type { Quantities, ResourceHead, Resources } from "@tutti/resources";
import { limits } from "./limits.ts";
import type { RoleQuota } from "./types.ts";

const stride = limits.quotaKindsMax;

/** One role with quota, what it consumes, and what its guarantees still need. By number of kind. */
interface QuotaNode {
  readonly role: string;
  /** The nearest role above it that has quota. */
  parent: QuotaNode | undefined;
  readonly guarantees: Float64Array;
  readonly limits: Float64Array;
  readonly consumed: Float64Array;
  /** What the guarantees of the roles below together need. */
  readonly below: Float64Array;
  /** What has to be kept for it and all below: the larger of what it lacks and of `below`. Rule ALC55. */
  readonly required: Float64Array;
}

/** Amounts of the kinds that quota counts, in thousandths; the place is the kind's number. */
export type CountedAmounts = Float64Array;

/**
 * The books of quota: guarantees and limits by role, what each role consumes, how much is free on active
 * agents, and how much of it has to be kept.
 *
 * It knows nothing while there is no quota; when one is set all is counted anew (`isStale`).
 *
 * Invariant: unless stale, `consumed`, `below`, `required` and the headroom are what counting from scratch
 * would give.
 */
export class QuotaBook {
  readonly #quotas = new Map<RoleName, RoleQuota>();
  readonly #kinds = new Map<string, number>();
  readonly #nodes = new Map<string, QuotaNode>();
  /** The nodes that a role counts for, from the nearest up. */
  readonly #lines = new Map<string, readonly QuotaNode[]>();
  /** Free on active agents, unreserved and not revocable. */
  readonly #available = new Float64Array(stride);
  /** By agent number: what of `#available` is there. */
  #availableOn = new Float64Array(0);
  readonly #required = new Float64Array(stride);
  /** What one role may have and what of it brings it nearer to guarantees: the answer of `measure`. */
  readonly room = new Float64Array(stride);
  readonly lacking = new Float64Array(stride);
  readonly #minAllocatable: readonly Quantities[];
  /** The same, by kind. */
  #least: readonly CountedAmounts[] = [];
  /** Changes with the set of kinds: amounts counted at another version are out of date. */
  version = 0;
  isStale = false;
  /** Whether something changed, since it was last set false, that may allow more than before. */
  isLoosened = false;

  /** Least amounts of an offer: it holds one of them. With none, anything is offered. */
  constructor(minAllocatable: readonly Quantities[]) {
    this.#minAllocatable = minAllocatable;
  }

  get isEmpty(): boolean {
    return this.#quotas.size === 0;
  }

  /** Whether changes have to be told. */
  get isKept(): boolean {
    return this.#quotas.size > 0 && !this.isStale;
  }

  get kindCount(): number {
    return this.#kinds.size;
  }

  /** Sets or, with undefined, takes away a role's quota; all has to be counted anew. */
  set(role: RoleName, quota: RoleQuota | undefined): void {
    if (quota === undefined) this.#quotas.delete(role);
    else this.#quotas.set(role, quota);
    this.isStale = true;
  }

  /** Begins to count anew: nothing is consumed, nothing is free. */
  reset(): void {
    this.version += 1;
    this.isStale = false;
    this.isLoosened = true;
    this.#kinds.clear();
    this.#nodes.clear();
    this.#lines.clear();
    this.#available.fill(0);
    this.#availableOn.fill(0);
    this.#required.fill(0);
    for (const { guarantees, limits: bounds } of this.#quotas.values()) {
      for (const name of [...guarantees.names, ...bounds.keys()]) {
        if (!this.#kinds.has(name)) this.#kinds.set(name, this.#kinds.size);
      }
    }
    this.#least = this.#minAllocatable.map((quantities) => {
      const amounts = new Float64Array(this.kindCount);
      for (const [name, amount] of quantities.entries()) this.#add(amounts, name, amount);
      return amounts;
    });
    for (const [role, quota] of this.#quotas) this.#nodes.set(role, this.#nodeOf(role, quota));
    for (const node of this.#nodes.values()) node.parent = this.#line(parentPath(node.role))[0];
    for (const role of this.#nodes.keys()) for (const node of this.#line(role)) this.#settle(node);
  }

  /** The kinds that quota counts, out of the unreserved, not revocable scalars of `resources`. */
  countedOf(resources: Resources): CountedAmounts {
    const amounts = new Float64Array(this.kindCount);
    resources.filter(isCounted).forEachScalar((name, amount) => this.#add(amounts, name, amount));
    return amounts;
  }

  /** Whether a role, or one above it, has quota. */
  isBound(role: string): boolean {
    return this.#line(role).length > 0;
  }

  /** A role is given so much, or with `sign` −1 gives it back. */
  consume(role: string, amounts: CountedAmounts, sign: 1 | -1): void {
    const line = this.#line(role);
    for (const node of line) {
      for (let kind = 0; kind < amounts.length; kind += 1) {
        node.consumed[kind] = (node.consumed[kind] ?? 0) + sign * (amounts[kind] ?? 0);
      }
    }
    for (const node of line) this.#settle(node);
    if (sign < 0) this.isLoosened = true;
  }

  /** Counts what is reserved on an agent, whose it is and whether it is used or not. */
  reserve(total: Resources, sign: 1 | -1): void {
    for (const [role, part] of total.byReservation()) {
      const amounts = new Float64Array(this.kindCount);
      part.forEachScalar((name, amount) => this.#add(amounts, name, amount));
      this.consume(role, amounts, sign);
    }
  }

  /** Says how much of the kinds is free on an agent; nothing for one that is not active. */
  setAvailable(agent: number, amounts: CountedAmounts | undefined): void {
    const base = agent * stride;
    if (base + stride > this.#availableOn.length) {
      const grown = new Float64Array(Math.max(base + stride, this.#availableOn.length * 2));
      grown.set(this.#availableOn);
      this.#availableOn = grown;
    }
    for (let kind = 0; kind < this.kindCount; kind += 1) {
      const before = this.#availableOn[base + kind] ?? 0;
      const now = amounts?.[kind] ?? 0;
      if (now === before) continue;
      if (now > before) this.isLoosened = true;
      this.#availableOn[base + kind] = now;
      this.#available[kind] = (this.#available[kind] ?? 0) + now - before;
    }
  }

  /** Writes off what was given of an agent in a round. */
  give(agent: number, role: string, amounts: CountedAmounts): void {
    const base = agent * stride;
    for (let kind = 0; kind < amounts.length; kind += 1) {
      const amount = amounts[kind] ?? 0;
      this.#availableOn[base + kind] = (this.#availableOn[base + kind] ?? 0) - amount;
      this.#available[kind] = (this.#available[kind] ?? 0) - amount;
    }
    this.consume(role, amounts, 1);
  }

  /**
   * Finds how much a role may be given now (`room`, infinite without bound) and how much of what it is given
   * would satisfy guarantees (`lacking`), each by kind. Rules ALC52 to ALC56.
   */
  measure(role: string): void {
    const line = this.#line(role);
    for (let kind = 0; kind < this.kindCount; kind += 1) {
      let bound = Infinity;
      // What guarantees would still need if this role had all that it may have.
      let others = 0;
      let inner = 0;
      let required = 0;
      for (const node of line) {
        others += (node.below[kind] ?? 0) - inner;
        inner = node.required[kind] ?? 0;
        required = inner;
        bound = Math.min(bound, (node.limits[kind] ?? 0) - (node.consumed[kind] ?? 0) - others);
      }
      const lacking = Math.max(0, required - others);
      const surplus = (this.#available[kind] ?? 0) - (this.#required[kind] ?? 0);
      this.room[kind] = Math.max(0, Math.min(bound, lacking + Math.max(0, surplus)));
      this.lacking[kind] = Math.min(lacking, Math.max(0, bound));
    }
  }

  /** Whether the last `measure` found room for all of this. */
  hasRoomFor(amounts: CountedAmounts): boolean {
    for (let kind = 0; kind < amounts.length; kind += 1) {
      if ((amounts[kind] ?? 0) > (this.room[kind] ?? 0)) return false;
    }
    return true;
  }

  /** Whether some of this would bring the last measured role nearer to its guarantees. */
  isLackingAny(amounts: CountedAmounts): boolean {
    for (let kind = 0; kind < amounts.length; kind += 1) {
      if ((this.lacking[kind] ?? 0) > 0 && (amounts[kind] ?? 0) > 0) return true;
    }
    return false;
  }

  /** `resources`, cut to the room that the last `measure` found. */
  cut(resources: Resources): Resources {
    return resources.cutScalars((name) => {
      const kind = this.#kinds.get(name);
      return kind === undefined ? undefined : this.room[kind];
    }, isCounted);
  }

  /** Whether the last measured role lacks nothing. */
  get isSatisfied(): boolean {
    for (let kind = 0; kind < this.kindCount; kind += 1) {
      if ((this.lacking[kind] ?? 0) > 0) return false;
    }
    return true;
  }

  /** Whether the last measured role has no room for any of the least amounts of an offer. */
  get isExhausted(): boolean {
    if (this.#least.length === 0) return false;
    for (const bounds of this.#least) {
      let isTooMuch = false;
      for (let kind = 0; kind < this.kindCount; kind += 1) {
        if ((bounds[kind] ?? 0) > (this.room[kind] ?? 0)) isTooMuch = true;
      }
      if (!isTooMuch) return false;
    }
    return true;
  }

  /** Whether some of this is needed for any guarantee. */
  isRequiredAny(amounts: CountedAmounts): boolean {
    for (let kind = 0; kind < amounts.length; kind += 1) {
      if ((this.#required[kind] ?? 0) > 0 && (amounts[kind] ?? 0) > 0) return true;
    }
    return false;
  }

  #add(amounts: Float64Array, name: string, amount: number): void {
    const kind = this.#kinds.get(name);
    if (kind !== undefined) amounts[kind] = (amounts[kind] ?? 0) + amount;
  }

  #nodeOf(role: string, quota: RoleQuota): QuotaNode {
    const guarantees = new Float64Array(this.kindCount);
    const bounds = new Float64Array(this.kindCount).fill(Infinity);
    for (const [name, amount] of quota.guarantees.entries()) this.#add(guarantees, name, amount);
    for (const [name, amount] of quota.limits) bounds[this.#kinds.get(name) ?? 0] = amount;
    return {
      role,
      parent: undefined,
      guarantees,
      limits: bounds,
      consumed: new Float64Array(this.kindCount),
      below: new Float64Array(this.kindCount),
      required: new Float64Array(this.kindCount),
    };
  }

  /** Finds anew what a node requires, and adds the difference to what is required below its parent. */
  #settle(node: QuotaNode): void {
    for (let kind = 0; kind < this.kindCount; kind += 1) {
      const before = node.required[kind] ?? 0;
      const lacking = (node.guarantees[kind] ?? 0) - (node.consumed[kind] ?? 0);
      const now = Math.max(0, lacking, node.below[kind] ?? 0);
      if (now === before) continue;
      node.required[kind] = now;
      const above = node.parent === undefined ? this.#required : node.parent.below;
      above[kind] = (above[kind] ?? 0) + now - before;
    }
  }

  #line(role: string): readonly QuotaNode[] {
    const known = this.#lines.get(role);
    if (known !== undefined) return known;
    const line: QuotaNode[] = [];
    for (let path = role; path !== ""; path = parentPath(path)) {
      const node = this.#nodes.get(path);
      if (node !== undefined) line.push(node);
    }
    if (this.#lines.size >= limits.quotaLinesMax) this.#lines.clear();
    this.#lines.set(role, line);
    return line;
  }
}

/** Whether a resource counts for quota when it is allocated. */
function isCounted(head: ResourceHead): boolean {
  return (head.reservations?.length ?? 0) === 0 && head.revocable === undefined;
}

function parentPath(role: string): string {
  return role.slice(0, Math.max(0, role.lastIndexOf("/")));
}
