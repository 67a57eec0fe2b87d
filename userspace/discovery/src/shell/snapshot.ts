import type { Fact, TableVersion } from "@tutti/discovery-v1";
import { encodeRecord } from "@tutti/http";
import { limits } from "./limits.ts";

/** A whole table at one version, in pages; each page is encoded once, when it is first wanted. */
export class Snapshot {
  readonly version: TableVersion;
  readonly #facts: readonly Fact[];
  readonly #pages: Uint8Array[] = [];
  /** The first fact that is in no page yet. */
  #next = 0;

  constructor(version: TableVersion, facts: readonly Fact[]) {
    this.version = version;
    this.#facts = facts;
  }

  /** A page as RecordIO, from 0 on; undefined after the last. */
  page(number: number): Uint8Array | undefined {
    while (this.#pages.length <= number) {
      const isWhole = this.#next >= this.#facts.length && this.#pages.length > 0;
      if (isWhole) return undefined;
      this.#pages.push(this.#encodeNext());
    }
    return this.#pages[number];
  }

  /** As many facts as fill a page, and one at least. */
  #encodeNext(): Uint8Array {
    const put: string[] = [];
    let units = 0;
    while (this.#next < this.#facts.length && units < limits.pageUnitsMax) {
      const fact = JSON.stringify(this.#facts[this.#next]);
      put.push(fact);
      units += fact.length;
      this.#next += 1;
    }
    const version = JSON.stringify(this.version);
    const last = this.#next >= this.#facts.length;
    return encodeRecord(
      `{"type":"snapshot","version":${version},"put":[${put.join(",")}],"last":${last}}`,
    );
  }
}
