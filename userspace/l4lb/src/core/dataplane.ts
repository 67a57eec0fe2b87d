import { compareText } from "@tutti/base";
import type { Family } from "./addresses.ts";
import { assignSlots } from "./slots.ts";
import type { Vip } from "./vip.ts";

/** What the kernel holds of one VIP. */
interface HeldVip {
  readonly family: Family;
  readonly address: string;
  /** Its slots in order; empty: it is refused. */
  readonly slots: readonly string[];
}

/** One family's part of a transaction. Removals come before additions. */
export interface FamilyTransaction {
  readonly family: Family;
  /** All that is in the table goes first, in the same transaction. */
  readonly whole: boolean;
  /** Size classes that do not exist yet, by their number of slots. */
  readonly classes: readonly number[];
  readonly remove: Elements;
  readonly add: Elements;
}

/** Elements of the sets and maps of one table. */
export interface Elements {
  /** VIPs with their size class, by key. */
  readonly vips: readonly { readonly key: string; readonly slotCount: number }[];
  /** Slots of VIPs. */
  readonly slots: SlotElements;
  /** Keys of VIPs that are refused and whose addresses are not owned. */
  readonly idle: readonly string[];
  /** Addresses and ranges that belong to VIPs as a whole: what is no VIP there is refused. */
  readonly owned: readonly string[];
}

export interface SlotElement {
  readonly key: string;
  readonly slotCount: number;
  readonly slot: number;
  readonly backend: string;
}

/** Slots, to be gone through: with many VIPs they are hundreds of thousands, and no object each is kept. */
export interface SlotElements extends Iterable<SlotElement> {
  readonly length: number;
}

/** Whether a whole address belongs to VIPs, given that a VIP has it. */
export type OwnsAddress = (vip: Pick<Vip, "address" | "family">) => "range" | "address" | "port";

/**
 * What the kernel's tables hold, as far as this room put it there, and the way from there to what is wanted.
 *
 * Invariant: a VIP with backends is in exactly one size class and all slots of it are filled; one without is in
 * none.
 */
export class Dataplane {
  readonly #owns: OwnsAddress;
  readonly #ranges: Readonly<Record<Family, readonly string[]>>;
  #held = new Map<string, HeldVip>();
  #classes: Record<Family, Set<number>> = { 4: new Set(), 6: new Set() };
  /** How many VIPs have each owned address. */
  #owners = new Map<string, number>();
  #ownedVersion = 0;
  /** A VIP of each size class, by `FAMILY/SLOTS`; it may have left. Undefined: nobody is in the class. */
  readonly #samples = new Map<string, string | undefined>();

  constructor(owns: OwnsAddress, ranges: Readonly<Record<Family, readonly string[]>>) {
    this.#owns = owns;
    this.#ranges = ranges;
  }

  /** Slots of a VIP by its key, as the kernel holds them; undefined when it does not have the VIP. */
  slotsOf(key: string): readonly string[] | undefined {
    return this.#held.get(key)?.slots;
  }

  get size(): number {
    return this.#held.size;
  }

  /** Another number whenever `ownedAddresses` may have changed. */
  get ownedVersion(): number {
    return this.#ownedVersion;
  }

  /** Addresses outside of the ranges that are owned, sorted. */
  ownedAddresses(): readonly string[] {
    return [...this.#owners.keys()].toSorted(compareText);
  }

  /** Size classes that exist, whether or not a VIP is in them. */
  classesOf(family: Family): ReadonlySet<number> {
    return this.#classes[family];
  }

  /** The key of a VIP that is in a size class; undefined when none is. */
  sampleOf(family: Family, slotCount: number): string | undefined {
    const id = `${family}/${slotCount}`;
    const known = this.#samples.get(id);
    if (known === undefined || this.#held.get(known)?.slots.length === slotCount) return known;
    let found: string | undefined;
    for (const [key, held] of this.#held)
      if (held.family === family && held.slots.length === slotCount) {
        found = key;
        break;
      }
    this.#samples.set(id, found);
    return found;
  }

  /** How many elements there are of what `ownedOf` lists, of both families. */
  get ownedCount(): number {
    return this.#owners.size + this.#ranges[4].length + this.#ranges[6].length;
  }

  /** Every element that the tables must have now, for comparison with what they have. */
  *elements(): IterableIterator<{ readonly key: string; readonly slots: readonly string[] }> {
    for (const [key, held] of this.#held) yield { key, slots: held.slots };
  }

  /** Ranges of a family that are owned whatever VIPs there are. */
  rangesOf(family: Family): readonly string[] {
    return this.#ranges[family];
  }

  /** Ranges and addresses that belong to VIPs as a whole, as the tables must have them. */
  ownedOf(family: Family): ReadonlySet<string> {
    const addresses = [...this.#owners.keys()].filter(
      (text) => text.includes(":") === (family === 6),
    );
    return new Set([...this.#ranges[family], ...addresses]);
  }

  /** Whether the tables must have the VIP among those that are refused by their port. */
  isIdle(key: string): boolean {
    const held = this.#held.get(key);
    return held !== undefined && held.slots.length === 0 && this.#owns(held) === "port";
  }

  /** Replaces everything by `vips`. Slots that are known keep their backends. */
  replace(vips: Iterable<Vip>, families: readonly Family[]): readonly FamilyTransaction[] {
    const before = this.#held;
    this.#held = new Map();
    this.#owners = new Map();
    this.#ownedVersion += 1;
    this.#classes = { 4: new Set(), 6: new Set() };
    const drafts = new Map(families.map((family) => [family, new Draft(family, true)]));
    for (const [family, draft] of drafts) draft.add.owned.push(...this.#ranges[family]);
    for (const vip of vips) {
      const draft = drafts.get(vip.family);
      if (draft !== undefined) this.#put(vip, before.get(vip.key)?.slots ?? [], draft);
    }
    return [...drafts.values()];
  }

  /** Puts and removes VIPs; only what differs is in the transactions. */
  change(put: readonly Vip[], removeKeys: readonly string[]): readonly FamilyTransaction[] {
    const drafts = new Map<Family, Draft>();
    const draftOf = (family: Family): Draft => {
      const draft = drafts.get(family) ?? new Draft(family, false);
      drafts.set(family, draft);
      return draft;
    };
    for (const key of removeKeys) {
      const held = this.#held.get(key);
      if (held === undefined) continue;
      this.#remove(key, held, draftOf(held.family));
    }
    for (const vip of put) this.#put(vip, this.#held.get(vip.key)?.slots, draftOf(vip.family));
    return [...drafts.values()].filter((draft) => !draft.isEmpty());
  }

  #remove(key: string, held: HeldVip, draft: Draft): void {
    this.#held.delete(key);
    takeSlots(key, held.slots, draft);
    const owned = this.#owns(held);
    if (owned === "port" && held.slots.length === 0) draft.remove.idle.push(key);
    if (owned !== "address") return;
    const owners = (this.#owners.get(held.address) ?? 1) - 1;
    if (owners > 0) this.#owners.set(held.address, owners);
    else {
      this.#owners.delete(held.address);
      this.#ownedVersion += 1;
      draft.disown(held.address);
    }
  }

  #put(vip: Vip, before: readonly string[] | undefined, draft: Draft): void {
    const { key, family, address } = vip;
    const isNew = !this.#held.has(key);
    const slots = assignSlots(before ?? [], vip.backends);
    this.#held.set(key, { family, address, slots });
    this.#samples.set(`${family}/${slots.length}`, key);
    const owned = this.#owns(vip);
    if (isNew && owned === "address") {
      const owners = this.#owners.get(address) ?? 0;
      this.#owners.set(address, owners + 1);
      if (owners === 0) {
        this.#ownedVersion += 1;
        draft.own(address);
      }
    }
    if (owned === "port") {
      const wasIdle = !isNew && before?.length === 0;
      if (slots.length === 0 && !wasIdle) draft.add.idle.push(key);
      if (slots.length > 0 && wasIdle) draft.remove.idle.push(key);
    }
    const known = isNew ? [] : (before ?? []);
    this.#makeClass(family, slots.length, draft);
    if (known.length === slots.length) changeSlots(key, known, slots, draft);
    else {
      takeSlots(key, known, draft);
      giveSlots(key, slots, draft);
    }
  }

  #makeClass(family: Family, slotCount: number, draft: Draft): void {
    if (slotCount === 0 || this.#classes[family].has(slotCount)) return;
    this.#classes[family].add(slotCount);
    draft.classes.push(slotCount);
  }
}

/** A transaction that is being made. */
class Draft implements FamilyTransaction {
  readonly family: Family;
  readonly whole: boolean;
  readonly classes: number[] = [];
  readonly remove = noElements();
  readonly add = noElements();

  constructor(family: Family, whole: boolean) {
    this.family = family;
    this.whole = whole;
  }

  /** An address that goes and comes back within one transaction stays. */
  own(address: string): void {
    const index = this.remove.owned.indexOf(address);
    if (index === -1) this.add.owned.push(address);
    else this.remove.owned.splice(index, 1);
  }

  disown(address: string): void {
    const index = this.add.owned.indexOf(address);
    if (index === -1) this.remove.owned.push(address);
    else this.add.owned.splice(index, 1);
  }

  isEmpty(): boolean {
    const none = (elements: Elements): boolean =>
      elements.vips.length + elements.slots.length + elements.idle.length === 0 &&
      elements.owned.length === 0;
    return !this.whole && this.classes.length === 0 && none(this.remove) && none(this.add);
  }
}

/** Slots that a transaction collects: single ones, and all slots of a VIP by the list that is kept anyway. */
class SlotList implements SlotElements {
  readonly #parts: (SlotElement | { readonly key: string; readonly all: readonly string[] })[] = [];
  #length = 0;

  get length(): number {
    return this.#length;
  }

  push(slot: SlotElement): void {
    this.#parts.push(slot);
    this.#length += 1;
  }

  pushAll(key: string, all: readonly string[]): void {
    this.#parts.push({ key, all });
    this.#length += all.length;
  }

  *[Symbol.iterator](): IterableIterator<SlotElement> {
    for (const part of this.#parts) {
      if (!("all" in part)) yield part;
      else {
        const { key, all } = part;
        for (const [slot, backend] of all.entries())
          yield { key, slotCount: all.length, slot, backend };
      }
    }
  }
}

interface DraftElements {
  readonly vips: { readonly key: string; readonly slotCount: number }[];
  readonly slots: SlotList;
  readonly idle: string[];
  readonly owned: string[];
}

function noElements(): DraftElements {
  return { vips: [], slots: new SlotList(), idle: [], owned: [] };
}

function takeSlots(key: string, slots: readonly string[], draft: Draft): void {
  const slotCount = slots.length;
  if (slotCount === 0) return;
  draft.remove.vips.push({ key, slotCount });
  draft.remove.slots.pushAll(key, slots);
}

function giveSlots(key: string, slots: readonly string[], draft: Draft): void {
  const slotCount = slots.length;
  if (slotCount === 0) return;
  draft.add.vips.push({ key, slotCount });
  draft.add.slots.pushAll(key, slots);
}

function changeSlots(
  key: string,
  before: readonly string[],
  after: readonly string[],
  draft: Draft,
): void {
  const slotCount = after.length;
  for (const [slot, backend] of after.entries()) {
    const old = before[slot];
    if (old === undefined || old === backend) continue;
    draft.remove.slots.push({ key, slotCount, slot, backend: old });
    draft.add.slots.push({ key, slotCount, slot, backend });
  }
}
