import { Fault } from "@tutti/base";
import type { Coordination, Leadership, RecordWrite } from "@tutti/coordination";
import type { MarathonEntry } from "../core/index.ts";
import { finishLargeChange, isLargeChange, writeLargeChange } from "./large-change.ts";

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

  /** Ends what a crash has cut off. To be called before the records are read. */
  async recover(): Promise<void> {
    await finishLargeChange(this.#coordination, (writes) => this.#atomically(writes));
  }

  /** Makes all entries durable or none, whatever their size. */
  async write(entries: readonly MarathonEntry[]): Promise<void> {
    const newest = newestOf(entries);
    if (isLargeChange(newest)) await writeLargeChange(newest, (writes) => this.#atomically(writes));
    else await this.#atomically(newest);
  }

  async #atomically(writes: readonly RecordWrite[]): Promise<void> {
    const { epoch } = this.#leadership;
    const outcome = await this.#coordination.write(electionName, epoch, writes);
    if (outcome.type === "written") return;
    const reason =
      outcome.type === "fenced"
        ? `another Marathon leads with epoch ${outcome.currentEpoch}`
        : `record ${outcome.path} has version ${outcome.actualVersion}`;
    throw new Fault("FENCED", `Marathon's state could not be written: ${reason}.`, {
      retryable: false,
    });
  }
}

/** The last entry of each path: within one atomic write their order means nothing. */
function newestOf(entries: readonly MarathonEntry[]): readonly MarathonEntry[] {
  const byPath = new Map<string, MarathonEntry>();
  for (const entry of entries) byPath.set(entry.path, entry);
  return [...byPath.values()];
}
