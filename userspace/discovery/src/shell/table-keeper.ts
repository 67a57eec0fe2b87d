import type { Clock } from "@tutti/ports";
import { limits } from "./limits.ts";
import { writeTable } from "./table-file.ts";
import type { KeptTable } from "./table-file.ts";

interface TableKeeperOptions {
  readonly file: string;
  readonly clock: Clock;
  /** The table as it is now; undefined while there is none. */
  readonly table: () => KeptTable | undefined;
  readonly report: (line: string) => void;
}

/** Keeps the table on disk, soon after each change and for a bounded part of the time. */
export class TableKeeper {
  readonly #options: TableKeeperOptions;
  #isDirty = false;
  #cancel: (() => void) | undefined;
  #writing: Promise<void> | undefined;
  #lastProblem = "";

  constructor(options: TableKeeperOptions) {
    this.#options = options;
  }

  changed(): void {
    this.#isDirty = true;
    if (this.#cancel === undefined && this.#writing === undefined)
      this.#schedule(limits.tableFileIntervalMs);
  }

  /** Writes what has not been written. */
  async close(): Promise<void> {
    this.#cancel?.();
    await this.#writing;
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
    try {
      await writeTable(this.#options.file, table);
      this.#lastProblem = "";
    } catch (error) {
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
