import {
  appendFileSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { readFile } from "node:fs/promises";
import type { DiscoveryRecord } from "@tutti/discovery-v1";
import { limits } from "./limits.ts";

/**
 * The changes since a table was written, one line each after one that names the lineage: in the file before anybody acts
 * on them, so that a process that is killed begins with what it had last. Not flushed: what a loss of power takes, a
 * snapshot brings back.
 *
 * Invariant: lines follow one another without a gap, from the table that is in its place or from an older one.
 */
export class TableJournal {
  readonly #file: string;
  readonly #report: (line: string) => void;
  #bytes: number;
  /** Of the lines in the file; undefined: there is none. */
  #lineage: string | undefined;
  /** Lines since the writing of a table began; undefined: none is being written. */
  #since: string[] | undefined;
  /** A change is missing: nothing is added before the next table. */
  #isBroken = false;

  constructor(tableFile: string, report: (line: string) => void) {
    this.#file = journalOf(tableFile);
    this.#report = report;
    const text = textOf(this.#file);
    const whole = text.slice(0, text.lastIndexOf("\n") + 1);
    this.#bytes = Buffer.byteLength(whole);
    this.#lineage = lineageOf(whole.split("\n", 1)[0] ?? "");
    // What a process before could not finish is nothing to go on from.
    if (whole !== text) this.#attempt(() => truncateSync(this.#file, this.#bytes));
  }

  /** `record`: the change as one line of JSON; undefined: it has no such form, only the next table has it. */
  add(record: string | undefined, lineage: string): void {
    const line = record === undefined ? undefined : `${record}\n`;
    if (this.#since !== undefined) this.#collect(this.#since, line);
    if (this.#isBroken) return;
    const isOther = this.#lineage !== undefined && this.#lineage !== lineage;
    if (line === undefined || isOther || this.#bytes + line.length > limits.journalBytesMax) {
      this.#isBroken = true;
      return;
    }
    const text = this.#lineage === undefined ? headOf(lineage) + line : line;
    this.#attempt(() => appendFileSync(this.#file, text, { mode: 0o600 }));
    this.#lineage = lineage;
    this.#bytes += text.length;
  }

  /** The table as it is now is going to be written. */
  begin(): void {
    this.#since = [];
  }

  /** That table is in its place, of this lineage; undefined: it could not be written. */
  end(lineage: string | undefined): void {
    const since = this.#since;
    this.#since = undefined;
    if (lineage === undefined) return;
    this.#isBroken = since === undefined;
    const lines = (since ?? []).join("");
    const text = lines === "" ? "" : headOf(lineage) + lines;
    this.#lineage = text === "" ? undefined : lineage;
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

/** What stands beside a table. */
interface ReadJournal {
  /** Undefined: there is nothing. */
  readonly lineage: string | undefined;
  readonly records: readonly ChangeRecord[];
}

type ChangeRecord = Extract<DiscoveryRecord, { readonly type: "change" }>;

/** In order, as far as it can be read: a last line that is not whole is left out, and with one that is no change the rest. */
export async function readJournal(tableFile: string): Promise<ReadJournal> {
  const text = await readFile(journalOf(tableFile), "utf8").catch(() => "");
  const [head = "", ...lines] = text.split("\n").slice(0, -1);
  const records: ChangeRecord[] = [];
  for (const line of lines) {
    const record = recordOf(line);
    if (record?.type !== "change") break;
    records.push(record);
  }
  return { lineage: lineageOf(head), records };
}

function recordOf(line: string): DiscoveryRecord | undefined {
  try {
    return JSON.parse(line) as DiscoveryRecord;
  } catch {
    return undefined;
  }
}

function headOf(lineage: string): string {
  return `${JSON.stringify({ schema: 1, lineage })}\n`;
}

/** Of the first line of a file; undefined: there is none, or it is another file. */
function lineageOf(head: string): string | undefined {
  const told: unknown = recordOf(head);
  if (typeof told !== "object" || told === null || !("lineage" in told)) return undefined;
  return typeof told.lineage === "string" ? told.lineage : undefined;
}

function textOf(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}

function journalOf(tableFile: string): string {
  return `${tableFile}.changes`;
}
