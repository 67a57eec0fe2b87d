import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { StatementSync } from "node:sqlite";
import { Fault } from "@tutti/base";
import { isDiskFull } from "./disk-full.ts";
import { recordVersion } from "../core/index.ts";
import type {
  AgentDurable,
  AgentEntry,
  AgentRecord,
  FrameworkRecord,
  TaskRecord,
  TaskRun,
} from "../core/index.ts";

/** The agent's durable records in one SQLite file, which no other process opens. */
export interface AgentStore {
  /** All that is durable. */
  load(): AgentDurable;
  /** Makes entries durable, all or none, before the next turn of the event loop is over. */
  persist(entries: readonly AgentEntry[], done: (error?: Error) => void): void;
  close(): void;
}

/** Version of the tables; that of the records is in each of them. */
const schemaVersion = 1;

/**
 * Opens or makes the file. Throws a `Fault`: STORE_IN_USE when another agent has it, STORE_TOO_NEW
 * when a newer release wrote it, STORE_FULL when the disk is, STORE_BROKEN when it is no database.
 */
export function openStore(path: string): AgentStore {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const database = openDatabase(path);
  return new SqliteStore(database);
}

function openDatabase(path: string): DatabaseSync {
  const database = new DatabaseSync(path);
  try {
    database.exec("PRAGMA locking_mode=EXCLUSIVE");
    database.exec("PRAGMA journal_mode=WAL");
    database.exec("PRAGMA synchronous=FULL");
    const version = Number(database.prepare("PRAGMA user_version").get()?.["user_version"] ?? 0);
    if (version > schemaVersion) {
      const message = `${path} was written by a newer release (version ${version})`;
      throw new Fault("STORE_TOO_NEW", message, { retryable: false });
    }
    database.exec(
      "CREATE TABLE IF NOT EXISTS records (kind TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (kind, key)) WITHOUT ROWID",
    );
    database.exec(`PRAGMA user_version=${schemaVersion}`);
    return database;
  } catch (cause) {
    database.close();
    if (cause instanceof Fault) throw cause;
    if (isDiskFull(cause)) {
      const message = `the disk is full: ${path} cannot be opened`;
      throw new Fault("STORE_FULL", message, { retryable: true, cause });
    }
    const locked = cause instanceof Error && cause.message.includes("locked");
    throw new Fault(
      locked ? "STORE_IN_USE" : "STORE_BROKEN",
      locked ? `${path} is in use by another agent` : `${path} cannot be opened as a database`,
      { retryable: locked, cause },
    );
  }
}

type Kind = "agent" | "framework" | "task" | "run";

class SqliteStore implements AgentStore {
  readonly #database: DatabaseSync;
  readonly #put: StatementSync;
  readonly #delete: StatementSync;
  #waiting:
    | { readonly entries: readonly AgentEntry[]; readonly done: (error?: Error) => void }
    | undefined;

  constructor(database: DatabaseSync) {
    this.#database = database;
    this.#put = database.prepare(
      "INSERT INTO records (kind, key, value) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET value = excluded.value",
    );
    this.#delete = database.prepare("DELETE FROM records WHERE kind = ? AND key = ?");
  }

  load(): AgentDurable {
    const [agent] = this.#all<AgentRecord>("agent");
    return {
      ...(agent === undefined ? {} : { agent }),
      frameworks: this.#all<FrameworkRecord>("framework"),
      tasks: this.#all<TaskRecord>("task"),
      runs: this.#all<TaskRun>("run"),
    };
  }

  /** Events of the same turn wait in the loop meanwhile, so that they share the next commit. */
  persist(entries: readonly AgentEntry[], done: (error?: Error) => void): void {
    this.#waiting = { entries, done };
    setImmediate(() => this.#commit());
  }

  close(): void {
    this.#waiting = undefined;
    this.#database.close();
  }

  #commit(): void {
    const waiting = this.#waiting;
    if (waiting === undefined) return;
    this.#waiting = undefined;
    try {
      this.#database.exec("BEGIN IMMEDIATE");
      for (const entry of waiting.entries) this.#apply(entry);
      this.#database.exec("COMMIT");
    } catch (error) {
      waiting.done(error instanceof Error ? error : new Error(String(error), { cause: error }));
      return;
    }
    waiting.done();
  }

  #apply(entry: AgentEntry): void {
    switch (entry.type) {
      case "agentChanged":
        this.#write("agent", "", entry.agent);
        return;
      case "frameworkChanged":
        this.#write("framework", entry.framework.frameworkId, entry.framework);
        return;
      case "frameworkRemoved":
        this.#delete.run("framework", entry.frameworkId);
        return;
      case "taskAdded":
        this.#write("task", entry.task.id, entry.task);
        return;
      case "taskChanged":
        this.#write("run", entry.run.id, entry.run);
        return;
      case "taskRemoved":
        this.#delete.run("task", entry.id);
        this.#delete.run("run", entry.id);
        return;
    }
  }

  #write(kind: Kind, key: string, record: { readonly version: number }): void {
    this.#put.run(kind, key, JSON.stringify(record));
  }

  #all<RecordType extends { readonly version: number }>(kind: Kind): readonly RecordType[] {
    const rows = this.#database.prepare("SELECT value FROM records WHERE kind = ?").all(kind);
    return rows.map((row) => {
      const record = JSON.parse(String(row["value"])) as RecordType;
      if (record.version <= recordVersion) return record;
      const message = `a ${kind} record was written by a newer release (version ${record.version})`;
      throw new Fault("STORE_TOO_NEW", message, { retryable: false });
    });
  }
}
