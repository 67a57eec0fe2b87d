import type { Clock } from "@tutti/ports";
import { limits } from "./limits.ts";
import { writeHeard, writeTable } from "./table-file.ts";
import type { KeptTable } from "./table-file.ts";
import { TableJournal } from "./table-journal.ts";

interface TableKeeperOptions {
  readonly file: string;
  readonly clock: Clock;
  /** The table as it is now; undefined while there is none. */
  readonly table: () => KeptTable | undefined;
  /** Of the table as it is now. */
  readonly lineage: () => string | undefined;
  readonly report: (line: string) => void;
}

/** Keeps the table on disk: each change at once, and all of it soon after, for a bounded part of the time. */
export class TableKeeper {
  readonly #options: TableKeeperOptions;
  #isDirty = false;
  #cancel: (() => void) | undefined;
  #writing: Promise<void> | undefined;
  #noting: Promise<void> | undefined;
  #notedAtMonoMs = -Infinity;
  #lastProblem = "";
  readonly #journal: TableJournal;

  constructor(options: TableKeeperOptions) {
    this.#options = options;
    this.#journal = new TableJournal(options.file, options.report);
  }

  /** The table changed; `record`: the change as it came, where that is how it can be kept. */
  changed(record: string | undefined): void {
    this.#journal.add(record, this.#options.lineage() ?? "");
    this.#isDirty = true;
    if (this.#cancel === undefined && this.#writing === undefined)
      this.#schedule(limits.tableFileIntervalMs);
  }

  /** The cluster was heard, and the table is what it was: noted now and then, if the table is kept as it is. */
  heard(wallMs: number): void {
    const { file, clock } = this.#options;
    const isEarly = clock.monoMs() < this.#notedAtMonoMs + limits.heardFileIntervalMs;
    if (isEarly || this.#isDirty || this.#writing !== undefined || this.#noting !== undefined)
      return;
    this.#notedAtMonoMs = clock.monoMs();
    // Without the note a table that is kept is only said to be older than it is.
    this.#noting = writeHeard(file, Math.floor(wallMs))
      .catch(() => undefined)
      .finally(() => {
        this.#noting = undefined;
      });
  }

  /** Writes what has not been written. */
  async close(): Promise<void> {
    this.#cancel?.();
    await this.#writing;
    await this.#noting;
    if (this.#isDirty) await this.#write();
    this.#cancel?.();
  }

  #schedule(delayMs: number): void {
    this.#cancel = this.#options.clock.after(delayMs, () => {
      this.#cancel = undefined;
      this.#writing = this.#write().finally(() => {
        this.#writing = undefined;
      });
    });
  }

  async #write(): Promise<void> {
    const table = this.#options.table();
    this.#isDirty = false;
    if (table === undefined) return;
    const startedAt = this.#options.clock.monoMs();
    this.#journal.begin();
    try {
      await writeTable(this.#options.file, table);
      this.#journal.end(table.lineage);
      this.#lastProblem = "";
    } catch (error) {
      this.#journal.end(undefined);
      this.#isDirty = true;
      const problem = error instanceof Error ? error.message : String(error);
      if (problem !== this.#lastProblem) this.#options.report(`the table is not kept: ${problem}`);
      this.#lastProblem = problem;
    }
    const tookMs = this.#options.clock.monoMs() - startedAt;
    if (this.#isDirty)
      this.#schedule(Math.max(limits.tableFileIntervalMs, tookMs * limits.tableFileTimePart));
  }
}
