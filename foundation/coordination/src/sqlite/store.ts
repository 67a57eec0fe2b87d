import { DatabaseSync } from "node:sqlite";
import type { StatementSync } from "node:sqlite";
import { Fault } from "@tutti/base";
import type { CoordinationRecord } from "../core/coordination.ts";
import type { RecordChange } from "../core/plan-writes.ts";
import { limits } from "./limits.ts";

const SCHEMA_VERSION = 1;

const SCHEMA = `
  CREATE TABLE elections (name TEXT PRIMARY KEY, epoch INTEGER NOT NULL, announcement BLOB NOT NULL) STRICT;
  CREATE TABLE records (path TEXT PRIMARY KEY, version INTEGER NOT NULL, value BLOB NOT NULL) STRICT;
  CREATE TABLE changes (sequence INTEGER PRIMARY KEY AUTOINCREMENT, path TEXT NOT NULL) STRICT;
  PRAGMA user_version = ${SCHEMA_VERSION};
`;

/** Orders after every path that begins with the prefix: paths are printable ASCII. */
const AFTER_ALL = "\u007f";

/** What an election left behind last. */
export interface ElectionRow {
  readonly epoch: number;
  readonly announcement: Uint8Array;
}

/** The tables of one database file, and the statements on them. Calls are synchronous and short. */
export class Store {
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();

  /** Opens or creates the file. A schema newer than this program's is the fault `SCHEMA_TOO_NEW`. */
  constructor(file: string) {
    this.#database = new DatabaseSync(file, { timeout: limits.busyTimeoutMs });
    // NORMAL: the commit leaves the write-ahead log to `WalSync`, which flushes it off this thread
    // before anybody is told. See docs/decisions/0005.
    this.#database.exec(`
      PRAGMA journal_mode = WAL;
      PRAGMA synchronous = NORMAL;
      PRAGMA cache_size = -${limits.cacheKib};
    `);
    this.#transaction(() => this.#migrate());
  }

  /** Runs `change` in one transaction: all of it, or (when it throws) nothing. */
  transact(change: () => void): void {
    this.#transaction(change);
  }

  versionOf(path: string): number {
    return this.#number("SELECT version FROM records WHERE path = ?", path, "version");
  }

  read(path: string): CoordinationRecord | undefined {
    const row = this.#prepare("SELECT path, version, value FROM records WHERE path = ?").get(path);
    return row === undefined ? undefined : recordOf(row);
  }

  list(prefix: string): CoordinationRecord[] {
    const sql =
      "SELECT path, version, value FROM records WHERE path >= ? AND path < ? ORDER BY path";
    return this.#prepare(sql)
      .all(prefix, prefix + AFTER_ALL)
      .map(recordOf);
  }

  apply(change: RecordChange): void {
    if (change.type === "delete") {
      this.#prepare("DELETE FROM records WHERE path = ?").run(change.path);
    } else {
      const sql =
        "INSERT INTO records (path, version, value) VALUES (?, ?, ?) ON CONFLICT (path) DO UPDATE SET version = excluded.version, value = excluded.value";
      this.#prepare(sql).run(change.path, change.version, change.value);
    }
    this.#prepare("INSERT INTO changes (path) VALUES (?)").run(change.path);
  }

  election(name: string): ElectionRow | undefined {
    const row = this.#prepare("SELECT epoch, announcement FROM elections WHERE name = ?").get(name);
    if (row === undefined) return undefined;
    return { epoch: Number(row["epoch"]), announcement: bytesOf(row["announcement"]) };
  }

  setElection(name: string, row: ElectionRow): void {
    const sql =
      "INSERT INTO elections (name, epoch, announcement) VALUES (?, ?, ?) ON CONFLICT (name) DO UPDATE SET epoch = excluded.epoch, announcement = excluded.announcement";
    this.#prepare(sql).run(name, row.epoch, row.announcement);
  }

  /** Changes with each commit of another connection. */
  dataVersion(): number {
    return Number(this.#prepare("PRAGMA data_version").get()?.["data_version"] ?? 0);
  }

  /** The number of the newest change. */
  changeSequence(): number {
    return this.#number("SELECT seq FROM sqlite_sequence WHERE name = ?", "changes", "seq");
  }

  /** Paths changed after `sequence`, or undefined when that is not known any more. */
  changesAfter(sequence: number): string[] | undefined {
    const oldest = this.#prepare("SELECT min(sequence) AS oldest FROM changes").get()?.["oldest"];
    if (oldest !== null && Number(oldest) > sequence + 1) return undefined;
    const rows = this.#prepare(
      "SELECT DISTINCT path FROM changes WHERE sequence > ? ORDER BY sequence",
    ).all(sequence);
    return rows.map((row) => String(row["path"]));
  }

  /** Drops changes beyond the number that is kept. */
  trimChanges(): void {
    const sql = "DELETE FROM changes WHERE sequence <= (SELECT max(sequence) FROM changes) - ?";
    this.#prepare(sql).run(limits.changesKept);
  }

  close(): void {
    this.#statements.clear();
    this.#database.close();
  }

  #migrate(): void {
    const version = Number(this.#prepare("PRAGMA user_version").get()?.["user_version"] ?? 0);
    if (version > SCHEMA_VERSION) {
      const text = `The database has schema ${version}; this program knows ${SCHEMA_VERSION}. Use the newer program.`;
      throw new Fault("SCHEMA_TOO_NEW", text, { retryable: false });
    }
    if (version === 0) this.#database.exec(SCHEMA);
  }

  #transaction(change: () => void): void {
    this.#database.exec("BEGIN IMMEDIATE");
    try {
      change();
      this.#database.exec("COMMIT");
    } catch (error) {
      if (this.#database.isTransaction) this.#database.exec("ROLLBACK");
      throw error;
    }
  }

  #prepare(sql: string): StatementSync {
    const known = this.#statements.get(sql);
    if (known !== undefined) return known;
    const statement = this.#database.prepare(sql);
    this.#statements.set(sql, statement);
    return statement;
  }

  #number(sql: string, key: string, column: string): number {
    return Number(this.#prepare(sql).get(key)?.[column] ?? 0);
  }
}

function recordOf(row: Record<string, unknown>): CoordinationRecord {
  return {
    path: String(row["path"]),
    value: bytesOf(row["value"]),
    version: Number(row["version"]),
  };
}

function bytesOf(value: unknown): Uint8Array {
  return value instanceof Uint8Array ? value : new Uint8Array(0);
}
