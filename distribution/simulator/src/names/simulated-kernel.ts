import { assert } from "@tutti/base";
import type { FamilyTransaction } from "@tutti/l4lb/core";

/** The tables of a machine's kernel that lead connections to VIPs: they outlive every process, and no boot. */
export class SimulatedKernel {
  /** The class of each VIP, by its key: `11.0.0.1 . tcp . 80`. */
  readonly #vips = new Map<string, number>();
  /** By `SLOTS/KEY/SLOT`. */
  readonly #slots = new Map<string, string>();
  readonly #idle = new Set<string>();
  /** Whether somebody else emptied the tables, and they were not made anew since. */
  isDisturbed = true;
  /** What it says to everything it is told; undefined: it takes what it is told. */
  refusal: string | undefined;

  /** Takes what nft is told, as strictly as it does; false when it does not fit what is there, or is refused. */
  take(transactions: readonly FamilyTransaction[]): boolean {
    if (this.refusal !== undefined) return false;
    if (!transactions.every((transaction) => this.#fits(transaction))) return false;
    for (const transaction of transactions) this.#take(transaction);
    if (transactions.some(({ whole }) => whole)) this.isDisturbed = false;
    return true;
  }

  /** Everything is gone: the machine boots, or somebody says `nft flush ruleset`. */
  flush(): void {
    this.#vips.clear();
    this.#slots.clear();
    this.#idle.clear();
    this.isDisturbed = true;
  }

  /** VIPs that have backends here. */
  vips(): Iterable<string> {
    return this.#vips.keys();
  }

  /** Whether any VIP leads connections to this place: `10.0.2.1 . 31000`. */
  leadsTo(place: string): boolean {
    for (const backend of this.#slots.values()) if (backend === place) return true;
    return false;
  }

  /** Whether the VIP has backends here. */
  leads(key: string): boolean {
    return this.#vips.has(key);
  }

  /** `10.0.2.1 . 31000` each, sorted: those that get connections of a VIP. */
  backendsOf(key: string): readonly string[] {
    const slotCount = this.#vips.get(key);
    const backends = new Set<string>();
    for (let slot = 0; slot < (slotCount ?? 0); slot += 1) {
      const backend = this.#slots.get(`${slotCount ?? 0}/${key}/${slot}`);
      assert(backend !== undefined, `slot ${slot} of ${key} is filled`);
      backends.add(backend);
    }
    return [...backends].toSorted();
  }

  #fits({ whole, remove, add }: FamilyTransaction): boolean {
    if (whole) return true;
    const gone = new Set(remove.vips.map(({ key }) => key));
    for (const { key, slotCount, slot } of remove.slots)
      if (!this.#slots.has(`${slotCount}/${key}/${slot}`)) return false;
    return (
      remove.vips.every(({ key, slotCount }) => this.#vips.get(key) === slotCount) &&
      remove.idle.every((key) => this.#idle.has(key)) &&
      add.vips.every(({ key }) => gone.has(key) || !this.#vips.has(key))
    );
  }

  #take({ whole, remove, add }: FamilyTransaction): void {
    if (whole) {
      this.#vips.clear();
      this.#slots.clear();
      this.#idle.clear();
    }
    for (const { key } of remove.vips) this.#vips.delete(key);
    for (const { key, slotCount, slot } of remove.slots)
      this.#slots.delete(`${slotCount}/${key}/${slot}`);
    for (const key of remove.idle) this.#idle.delete(key);
    for (const { key, slotCount, slot, backend } of add.slots)
      this.#slots.set(`${slotCount}/${key}/${slot}`, backend);
    for (const { key, slotCount } of add.vips) this.#vips.set(key, slotCount);
    for (const key of add.idle) this.#idle.add(key);
  }
}
