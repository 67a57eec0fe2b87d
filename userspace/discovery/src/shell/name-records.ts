import { Fault, utf8Decode, utf8Encode } from "@tutti/base";
import type { Coordination, RecordWrite } from "@tutti/coordination";
import type { DiscoveryEntry, NameRecord } from "../core/index.ts";

const prefix = "discovery/names/";
const lineagePath = "discovery/lineage";
/** Writes of one multi-write. */
const writesMax = 1000;

/** Where the addresses of names are durable: one record each. */
export class NameRecords {
  readonly #coordination: Coordination;
  readonly #election: string;
  readonly #epoch: number;

  constructor(coordination: Coordination, election: string, epoch: number) {
    this.#coordination = coordination;
    this.#election = election;
    this.#epoch = epoch;
  }

  async read(): Promise<readonly NameRecord[]> {
    const records = await this.#coordination.list(prefix);
    return records.map(({ path, value }) => {
      const { address } = JSON.parse(utf8Decode(value)) as { readonly address: string };
      return { name: path.slice(prefix.length), address };
    });
  }

  /** What tells the versions of this cluster from those of another; made when it is first wanted. */
  async lineage(fresh: string): Promise<string> {
    const record = await this.#coordination.read(lineagePath);
    if (record !== undefined) return utf8Decode(record.value);
    await this.#write([{ type: "put", path: lineagePath, value: utf8Encode(fresh) }]);
    return fresh;
  }

  async write(entries: readonly DiscoveryEntry[]): Promise<void> {
    const writes = entries.map((entry): RecordWrite => {
      const path = prefix + entry.name;
      if (entry.type === "removeName") return { type: "delete", path };
      const value = utf8Encode(JSON.stringify({ schema: 1, address: entry.address }));
      return { type: "put", path, value };
    });
    for (let start = 0; start < writes.length; start += writesMax)
      await this.#write(writes.slice(start, start + writesMax));
  }

  async #write(writes: readonly RecordWrite[]): Promise<void> {
    const outcome = await this.#coordination.write(this.#election, this.#epoch, writes);
    if (outcome.type === "written") return;
    throw new Fault("NOT_LEADING", `a record was not written: ${outcome.type}`, {
      retryable: false,
    });
  }
}
