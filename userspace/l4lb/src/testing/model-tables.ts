import { assert } from "@tutti/base";
import type { FamilyTransaction } from "../core/index.ts";

/**
 * The kernel's tables as a model: takes transactions as nft does, and is as strict. What is removed must be there,
 * what is added must not, and the class of a VIP must exist.
 */
export class ModelTables {
  readonly vips = new Map<string, number>();
  /** By `SLOTS/KEY/SLOT`. */
  readonly slots = new Map<string, string>();
  readonly idle = new Set<string>();
  readonly owned = new Set<string>();
  readonly #classes = new Set<string>();
  /** Elements that were added or removed, ever. */
  touched = 0;

  take(transactions: readonly FamilyTransaction[]): void {
    for (const transaction of transactions) this.#take(transaction);
  }

  /** Who gets the connections of a VIP, slot by slot; undefined when it is refused or unknown. */
  backendsOf(key: string): readonly string[] | undefined {
    const slotCount = this.vips.get(key);
    if (slotCount === undefined) return undefined;
    return Array.from({ length: slotCount }, (_unused, slot) => {
      const backend = this.slots.get(`${slotCount}/${key}/${slot}`);
      assert(backend !== undefined, `slot ${slot} of ${key} is empty`);
      return backend;
    });
  }

  #take(transaction: FamilyTransaction): void {
    const { family, whole, classes, remove, add } = transaction;
    if (whole) this.#clear(family);
    for (const slotCount of classes) this.#classes.add(`${family}/${slotCount}`);
    for (const { key, slotCount } of remove.vips) {
      assert(this.vips.get(key) === slotCount, `${key} is in class ${slotCount}`);
      this.vips.delete(key);
    }
    for (const { key, slotCount, slot, backend } of remove.slots) {
      const place = `${slotCount}/${key}/${slot}`;
      assert(this.slots.get(place) === backend, `${place} holds ${backend}`);
      this.slots.delete(place);
    }
    for (const key of remove.idle) assert(this.idle.delete(key), `${key} is idle`);
    for (const address of remove.owned) assert(this.owned.delete(address), `${address} is owned`);
    for (const { key, slotCount, slot, backend } of add.slots) {
      const place = `${slotCount}/${key}/${slot}`;
      assert(!this.slots.has(place), `${place} is free`);
      assert(this.#classes.has(`${family}/${slotCount}`), `class ${slotCount} exists`);
      this.slots.set(place, backend);
    }
    for (const { key, slotCount } of add.vips) {
      assert(!this.vips.has(key), `${key} is in no class`);
      this.vips.set(key, slotCount);
    }
    for (const key of add.idle) {
      assert(!this.idle.has(key), `${key} is not idle`);
      this.idle.add(key);
    }
    for (const address of add.owned) {
      assert(!this.owned.has(address), `${address} is not owned`);
      this.owned.add(address);
    }
    this.touched += remove.slots.length + add.slots.length + remove.vips.length + add.vips.length;
  }

  /** Everything of one family; keys of IPv6 have colons. */
  #clear(family: number): void {
    const isOf = (text: string): boolean => text.includes(":") === (family === 6);
    for (const set of [this.vips, this.slots, this.idle, this.owned])
      for (const key of set.keys()) if (isOf(key)) set.delete(key);
    for (const name of this.#classes) if (name.startsWith(`${family}/`)) this.#classes.delete(name);
  }
}
