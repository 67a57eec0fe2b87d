import type { RoleName } from "@tutti/ids";
import { isStrictSubrole } from "@tutti/resources";
import type { Quantities, ResourceHead, Resources } from "@tutti/resources";
import type { Amounts, ScalarKinds } from "./amounts.ts";
import type { CountedAmounts, QuotaBook } from "./quota-book.ts";
import type { Refused } from "./refusals.ts";
import type { SharedTotals } from "./shared-totals.ts";

const canRevocable = 1;
const canShared = 2;
const canRefined = 4;
const canGpus = 8;
/** The capabilities that decide which resources a framework may be offered. */
const resourceCapabilities = canRevocable | canShared | canRefined;

/** The capabilities that matter for offers, as bits. */
export function capabilityBits(capabilities: ReadonlySet<string>): number {
  return (
    (capabilities.has("REVOCABLE_RESOURCES") ? canRevocable : 0) |
    (capabilities.has("SHARED_RESOURCES") ? canShared : 0) |
    (capabilities.has("RESERVATION_REFINEMENT") ? canRefined : 0) |
    (capabilities.has("GPU_RESOURCES") ? canGpus : 0)
  );
}

/** Whether a framework knows what GPUs are. */
export function isGpuCapable(capabilities: number): boolean {
  return (capabilities & canGpus) !== 0;
}

/** What decides how free resources are parted. */
export interface OfferRules {
  readonly kinds: ScalarKinds;
  /** An offer holds at least one of these; with none, anything is offered. */
  readonly minAllocatable: readonly Quantities[];
  readonly totals: SharedTotals;
}

/** What one kind of client could be offered of an agent's free resources. */
export class Offerable {
  /** Allocated to nobody. */
  readonly resources: Resources;
  readonly amounts: Amounts;
  readonly isAllocatable: boolean;
  readonly #totals: SharedTotals;
  #allocatedRole: RoleName | undefined;
  #allocated: Resources | undefined;
  #counted: { readonly version: number; readonly amounts: CountedAmounts } | undefined;
  /** Refusals at the agent that cover it, as of `refusedVersion`; kept by the round. */
  blockers: readonly Refused[] = [];
  blockersVersion = -1;

  constructor(resources: Resources, rules: OfferRules) {
    this.resources = resources;
    this.#totals = rules.totals;
    this.amounts = rules.kinds.amountsOf(resources);
    this.isAllocatable =
      !resources.isEmpty &&
      (rules.minAllocatable.length === 0 ||
        rules.minAllocatable.some((least) => hasAtLeast(resources, least)));
  }

  /** What of it quota counts. */
  countedBy(book: QuotaBook): CountedAmounts {
    if (this.#counted?.version !== book.version) {
      this.#counted = { version: book.version, amounts: book.countedOf(this.resources) };
    }
    return this.#counted.amounts;
  }

  /** With `allocation_info.role` set; the same object while it is asked for the same role. */
  allocatedTo(role: RoleName): Resources {
    if (this.#allocated === undefined || this.#allocatedRole !== role) {
      this.#allocatedRole = role;
      this.#allocated = this.#totals.allocatedTo(this.resources, role);
    }
    return this.#allocated;
  }
}

/**
 * An agent's free resources, parted into what each role may be offered. Made once for each value of the free
 * resources; parts are made when first asked for.
 */
export class OfferView {
  readonly free: Resources;
  /** Roles that something here is reserved to. */
  readonly reservedRoles: readonly string[];
  /** Whether every framework may be offered the same, apart from reservations. */
  readonly isUniform: boolean;
  readonly #rules: OfferRules;
  readonly #parts = new Map<string, Offerable>();
  #unreserved: Offerable | undefined;

  constructor(free: Resources, rules: OfferRules) {
    this.free = free;
    this.#rules = rules;
    this.reservedRoles = free.reservationRoles();
    this.isUniform = !free.hasAny(isSpecial);
  }

  /** What of the free resources quota counts. */
  countedBy(book: QuotaBook): CountedAmounts {
    return this.isUniform ? this.unreserved.countedBy(book) : book.countedOf(this.free);
  }

  /** What roles without reservations here may be offered; only asked of uniform views. */
  get unreserved(): Offerable {
    this.#unreserved ??= new Offerable(this.free.unreserved(), this.#rules);
    return this.#unreserved;
  }

  /** Makes the part that most roles are offered. */
  prepare(): void {
    this.#unreserved ??= new Offerable(this.free.unreserved(), this.#rules);
  }

  /** Whether something here is reserved to the role or to one above it. */
  isReservedTo(role: string): boolean {
    return this.reservedRoles.some((owner) => owner === role || isStrictSubrole(role, owner));
  }

  /** What a framework with these capabilities may be offered in a role. */
  partFor(role: RoleName, capabilities: number): Offerable {
    const isReserved = this.reservedRoles.length > 0 && this.isReservedTo(role);
    if (this.isUniform && !isReserved) return this.unreserved;
    const kind = this.isUniform ? resourceCapabilities : capabilities & resourceCapabilities;
    const key = `${String(kind)}${isReserved ? role : ""}`;
    const known = this.#parts.get(key);
    if (known !== undefined) return known;
    const resources = this.free.filter((head) => isOpenTo(head, role) && isUnderstood(head, kind));
    const part = new Offerable(resources, this.#rules);
    this.#parts.set(key, part);
    return part;
  }
}

function hasAtLeast(resources: Resources, least: Quantities): boolean {
  return least.names.every((name) => resources.scalar(name) >= least.get(name));
}

function isOpenTo(head: ResourceHead, role: string): boolean {
  const owner = head.reservations?.at(-1)?.role;
  return owner === undefined || owner === role || isStrictSubrole(role, owner);
}

/** Whether only frameworks with some capability may be offered it. */
function isSpecial(head: ResourceHead): boolean {
  return !isUnderstood(head, 0);
}

function isUnderstood(head: ResourceHead, capabilities: number): boolean {
  return (
    (head.revocable === undefined || (capabilities & canRevocable) !== 0) &&
    (head.shared === undefined || (capabilities & canShared) !== 0) &&
    ((head.reservations?.length ?? 0) < 2 || (capabilities & canRefined) !== 0)
  );
}
