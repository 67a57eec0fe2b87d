import type { DiscoveryRecord, Fact, TableVersion } from "@tutti/discovery-v1";
import { encodeRecord } from "@tutti/http";
import { limits } from "./limits.ts";

/** A whole table at one version, in pages; each page is encoded once, when it is first wanted. */
export class Snapshot {
  readonly version: TableVersion;
  readonly pageCount: number;
  readonly #facts: readonly Fact[];
  readonly #pages: Uint8Array[] = [];

  constructor(version: TableVersion, facts: readonly Fact[]) {
    this.version = version;
    this.#facts = facts;
    this.pageCount = Math.max(1, Math.ceil(facts.length / limits.pageFactsMax));
  }

  /** A page as RecordIO. */
  page(number: number): Uint8Array {
    const known = this.#pages[number];
    if (known !== undefined) return known;
    const start = number * limits.pageFactsMax;
    const record: DiscoveryRecord = {
      type: "snapshot",
      version: this.version,
      put: this.#facts.slice(start, start + limits.pageFactsMax),
      last: number === this.pageCount - 1,
    };
    const bytes = encodeRecord(JSON.stringify(record));
    this.#pages[number] = bytes;
    return bytes;
  }
}
