import { appendFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import type { DiscoveryRecord } from "@tutti/discovery-v1";
import { limits } from "./limits.ts";

/**
 * The changes since a table was written, one line each: in the file before anybody acts on them, so that a process that is
 * killed begins with what it had last. Not flushed: what a loss of power takes, a snapshot brings back.
 *
 * Invariant: lines follow one another without a gap, from the table that is in its place or from an older one.
 */
export class TableJournal {
  readonly #file: string;
  readonly #report: (line: string) => void;
  #bytes: number;
  /** Lines since the writing of a table began; undefined: none is being written. */
  #since: string[] | undefined;
  /** A change is missing: nothing is added before the next table. */
  #isBroken = false;

  constructor(tableFile: string, report: (line: string) => void) {
    this.#file = journalOf(tableFile);
    this.#report = report;
    this.#bytes = statSync(this.#file, { throwIfNoEntry: false })?.size ?? 0;
  }

  /** `record`: the change as one line of JSON; undefined: it has no such form, only the next table has it. */
  add(record: string | undefined): void {
    const line = record === undefined ? undefined : `${record}\n`;
    if (this.#since !== undefined) this.#collect(this.#since, line);
    if (this.#isBroken) return;
    if (line === undefined || this.#bytes + line.length > limits.journalBytesMax) {
      this.#isBroken = true;
      return;
    }
    this.#attempt(() => appendFileSync(this.#file, line, { mode: 0o600 }));
    this.#bytes += line.length;
  }

  /** The table as it is now is going to be written. */
  begin(): void {
    this.#since = [];
  }

  /** That table is in its place, or could not be written. */
  end(isWritten: boolean): void {
    const since = this.#since;
    this.#since = undefined;
    if (!isWritten) return;
    this.#isBroken = since === undefined;
    const text = (since ?? []).join("");
    this.#attempt(() => {
      if (text === "") return rmSync(this.#file, { force: true });
      // Beside it first: until then the old lines lead to the same table.
      writeFileSync(`${this.#file}.new`, text, { mode: 0o600 });
      renameSync(`${this.#file}.new`, this.#file);
    });
    this.#bytes = text.length;
  }

  #collect(since: string[], line: string | undefined): void {
    if (line === undefined || since.length >= limits.journalLinesMax) this.#since = undefined;
    else since.push(line);
  }

  #attempt(write: () => void): void {
    try {
      write();
    } catch (error) {
      this.#isBroken = true;
      this.#report(`changes of the table are not kept: ${String(error)}`);
    }
  }
}

/** The changes beside a table, in order; a last line that is not whole is left out. */
export async function readJournal(tableFile: string): Promise<readonly DiscoveryRecord[]> {
  const text = await readFile(journalOf(tableFile), "utf8").catch(() => "");
  const lines = text.split("\n").slice(0, -1);
  return lines.map((line) => JSON.parse(line) as DiscoveryRecord);
}

function journalOf(tableFile: string): string {
  return `${tableFile}.changes`;
}
