import { Fault } from "@tutti/base";
import type { Coordination, Leadership, RecordWrite } from "@tutti/coordination";
import type { MarathonEntry } from "../core/index.ts";
import { limits } from "./limits.ts";

/** The election whose winner alone may write Marathon's records. */
export const electionName = "marathon";

/** Writes records under the leader's epoch. Throws a `Fault` FENCED when another one leads. */
export class RecordWriter {
  readonly #coordination: Coordination;
  readonly #leadership: Leadership;

  constructor(coordination: Coordination, leadership: Leadership) {
    this.#coordination = coordination;
    this.#leadership = leadership;
  }

  /** Makes entries durable, in order; as few atomic writes as the store's bounds allow. */
  async write(entries: readonly MarathonEntry[]): Promise<void> {
    for (const chunk of chunksOf(newestOf(entries))) {
      const { epoch } = this.#leadership;
      const outcome = await this.#coordination.write(electionName, epoch, chunk);
      if (outcome.type === "written") continue;
      const reason =
        outcome.type === "fenced"
          ? `another Marathon leads with epoch ${outcome.currentEpoch}`
          : `record ${outcome.path} has version ${outcome.actualVersion}`;
      throw new Fault("FENCED", `Marathon's state could not be written: ${reason}.`, {
        retryable: false,
      });
    }
  }
}

/** The last entry of each path, where the first one stood. */
function newestOf(entries: readonly MarathonEntry[]): readonly MarathonEntry[] {
  const byPath = new Map<string, MarathonEntry>();
  for (const entry of entries) byPath.set(entry.path, entry);
  return [...byPath.values()];
}

function* chunksOf(entries: readonly MarathonEntry[]): Iterable<readonly RecordWrite[]> {
  let chunk: RecordWrite[] = [];
  let bytes = 0;
  for (const entry of entries) {
    const size = entry.type === "put" ? entry.value.length : 0;
    const isFull = chunk.length >= limits.writeRecordsMax || bytes + size > limits.writeBytesMax;
    if (isFull && chunk.length > 0) {
      yield chunk;
      chunk = [];
      bytes = 0;
    }
    chunk.push(entry);
    bytes += size;
  }
  if (chunk.length > 0) yield chunk;
}
