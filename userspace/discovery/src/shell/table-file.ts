import { open, readFile, rename, stat, writeFile } from "node:fs/promises";
import { isOlder } from "@tutti/discovery-v1";
import type { Fact, TableVersion } from "@tutti/discovery-v1";
import { FollowerTable } from "../core/follower-table.ts";
import { limits } from "./limits.ts";
import { readJournal } from "./table-journal.ts";

/** A table as a machine keeps it. */
export interface KeptTable {
  readonly lineage: string;
  readonly version: TableVersion;
  /** When the cluster was last heard. */
  readonly heardWallMs: number;
  readonly facts: readonly Fact[];
}

interface Head {
  readonly schema: 1;
  readonly lineage: string;
  readonly version: TableVersion;
  readonly heardWallMs: number;
  readonly facts: number;
}

const factsPerWrite = 1000;

/** Writes a table so that the file is always a whole one: beside it first, then in its place. */
export async function writeTable(file: string, table: KeptTable): Promise<void> {
  const { lineage, version, heardWallMs, facts } = table;
  const head: Head = { schema: 1, lineage, version, heardWallMs, facts: facts.length };
  const beside = `${file}.new`;
  const handle = await open(beside, "w", 0o600);
  try {
    await handle.write(`${JSON.stringify(head)}\n`);
    for (let start = 0; start < facts.length; start += factsPerWrite) {
      const lines = facts.slice(start, start + factsPerWrite).map((fact) => JSON.stringify(fact));
      await handle.write(`${lines.join("\n")}\n`);
    }
    await handle.datasync();
  } finally {
    await handle.close();
  }
  await rename(beside, file);
}

/** Notes beside a table that the cluster was heard since, and has not changed. */
export async function writeHeard(file: string, heardWallMs: number): Promise<void> {
  await writeFile(`${file}.heard`, String(heardWallMs), { mode: 0o600 });
}

/** What `writeHeard` wrote last; 0 when there is none or it is not whole. */
async function readHeard(file: string): Promise<number> {
  try {
    const text = await readFile(`${file}.heard`, "utf8");
    return /^\d{13}$/.test(text) ? Number(text) : 0;
  } catch {
    return 0;
  }
}

/**
 * Reads what `writeTable` wrote, with the changes since; undefined when there is none or it is not whole. Somebody may
 * be writing: the changes are read first, and those that the table has already are passed over.
 */
export async function readTable(file: string): Promise<KeptTable | undefined> {
  const changes = await readJournal(file);
  const written = await readWritten(file);
  if (written === undefined || changes.lineage !== written.lineage) return written;
  const table = new FollowerTable();
  table.restore(written.lineage, written.version, written.facts);
  for (const change of changes.records) {
    // The table may be newer than the first of them, also of another discovery's time.
    if (!isOlder(table.version ?? written.version, change.version)) continue;
    if (table.take(change).type === "broken") break;
  }
  const { version = written.version, facts } = table;
  return { ...written, version, facts: [...facts.values()] };
}

async function readWritten(file: string): Promise<KeptTable | undefined> {
  try {
    if ((await stat(file)).size > limits.tableFileBytesMax) return undefined;
    const [first = "", ...lines] = (await readFile(file, "utf8")).split("\n");
    const head = JSON.parse(first) as Partial<Head>;
    const { schema, lineage, version, heardWallMs, facts: count } = head;
    if (schema !== 1 || lineage === undefined || version === undefined) return undefined;
    const facts = lines.filter((line) => line !== "").map((line) => JSON.parse(line) as Fact);
    if (facts.length !== count) return undefined;
    const heardLast = Math.max(heardWallMs ?? 0, await readHeard(file));
    return { lineage, version, heardWallMs: heardLast, facts };
  } catch {
    return undefined;
  }
}
