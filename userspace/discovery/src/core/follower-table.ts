import { factKey, isOlder } from "@tutti/discovery-v1";
import type {
  DiscoveryRecord,
  Fact,
  StreamChange,
  TableChange,
  TableVersion,
} from "@tutti/discovery-v1";
import { isSame, patched } from "./table.ts";

/** What a record means for a table that is held. */
export type RecordOutcome =
  /** The table is now at `version`; `change` is what that means, in whole facts. */
  | { readonly type: "changed"; readonly version: TableVersion; readonly change: TableChange }
  | { readonly type: "nothing" }
  /** The record does not fit: the stream is to be begun anew, for a snapshot. */
  | { readonly type: "broken"; readonly reason: string };

/**
 * The table that a machine holds. Snapshots come in pages and replace it only with their last; until then, and
 * while no discovery can be reached, it stays as it is.
 */
export class FollowerTable {
  #facts = new Map<string, Fact>();
  #version: TableVersion | undefined;
  #lineage: string | undefined;
  /** The stream is of another lineage: its snapshot replaces the table whatever the versions. */
  #isOtherLineage = false;
  #nextLineage = "";
  /** Pages of a snapshot whose last has not come. */
  #pages: Map<string, Fact> | undefined;

  get facts(): ReadonlyMap<string, Fact> {
    return this.#facts;
  }

  /** Undefined before the first table. */
  get version(): TableVersion | undefined {
    return this.#version;
  }

  /** Takes over what was kept. */
  restore(lineage: string, version: TableVersion, facts: Iterable<Fact>): void {
    this.#lineage = lineage;
    this.#facts = new Map([...facts].map((fact) => [factKey(fact), fact]));
    this.#version = version;
  }

  get lineage(): string | undefined {
    return this.#lineage;
  }

  /** A new stream begins: pages of the one before are void. */
  begin(): void {
    this.#pages = undefined;
  }

  take(record: DiscoveryRecord): RecordOutcome {
    switch (record.type) {
      case "welcome":
        this.#isOtherLineage = this.#lineage !== undefined && this.#lineage !== record.lineage;
        this.#nextLineage = record.lineage;
        return { type: "nothing" };
      case "snapshot":
        return this.#page(record);
      case "change":
        return this.#change(record.version, record);
      case "heartbeat":
        return { type: "nothing" };
      default:
        // A record of a newer release.
        return { type: "nothing" };
    }
  }

  #page(page: Extract<DiscoveryRecord, { readonly type: "snapshot" }>): RecordOutcome {
    const isOlderEpoch = this.#version !== undefined && page.version.epoch < this.#version.epoch;
    if (isOlderEpoch && !this.#isOtherLineage)
      return { type: "broken", reason: "the snapshot is of an older discovery" };
    this.#pages ??= new Map();
    for (const fact of page.put) this.#pages.set(factKey(fact), fact);
    if (!page.last) return { type: "nothing" };
    const change = differenceOf(this.#facts, this.#pages);
    this.#facts = this.#pages;
    this.#pages = undefined;
    this.#version = page.version;
    this.#lineage = this.#nextLineage;
    this.#isOtherLineage = false;
    return { type: "changed", version: page.version, change };
  }

  #change(version: TableVersion, change: StreamChange): RecordOutcome {
    const { remove, put, patch = [], since } = change;
    const held = this.#version;
    const isOnHeld = held !== undefined && isSame(since, held);
    const isOfHeld = held?.epoch === version.epoch || isOnHeld;
    if (held === undefined || this.#isOtherLineage || !isOfHeld)
      return { type: "broken", reason: "a change of a table that is not held" };
    if (!isOlder(held, version)) return { type: "nothing" };
    if (!isOnHeld && version.sequence !== held.sequence + 1) {
      const reason = `change ${version.sequence} after ${held.sequence}: some between were not sent`;
      return { type: "broken", reason };
    }
    const whole: Fact[] = [...put];
    for (const one of patch) {
      const vip = this.#facts.get(one.key);
      if (vip?.kind !== "vip") return { type: "broken", reason: `no ${one.key} to patch` };
      whole.push(patched(vip, one));
    }
    for (const key of remove) this.#facts.delete(key);
    for (const fact of whole) this.#facts.set(factKey(fact), fact);
    this.#version = version;
    return { type: "changed", version, change: { remove, put: whole } };
  }
}

/** What makes `after` of `before`. */
function differenceOf(
  before: ReadonlyMap<string, Fact>,
  after: ReadonlyMap<string, Fact>,
): TableChange {
  const remove = [...before.keys()].filter((key) => !after.has(key));
  const put: Fact[] = [];
  for (const [key, fact] of after) if (!isSame(before.get(key), fact)) put.push(fact);
  return { remove, put };
}
