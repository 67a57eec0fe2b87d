import { DatabaseSync } from "node:sqlite";
import { isBusy } from "./faults.ts";

/**
 * A lock that the kernel frees when its process dies, however it dies: the exclusive lock that SQLite
 * takes on a small file of its own. It excludes other processes and other handles of this process.
 */
export class ElectionLock {
  readonly #file: string;
  #holder: DatabaseSync | undefined;

  constructor(file: string) {
    this.#file = file;
  }

  /** Takes the lock, or returns false when somebody holds it. Does not wait. */
  tryTake(): boolean {
    return this.#attempt("BEGIN EXCLUSIVE", (database) => {
      this.#holder = database;
    });
  }

  release(): void {
    this.#holder?.close();
    this.#holder = undefined;
  }

  /** Whether somebody holds the lock, found out without taking it. */
  isTaken(): boolean {
    return !this.#attempt("SELECT count(*) FROM sqlite_schema", (database) => database.close());
  }

  #attempt(sql: string, succeeded: (database: DatabaseSync) => void): boolean {
    const database = new DatabaseSync(this.#file, { timeout: 0 });
    try {
      database.exec(sql);
    } catch (error) {
      database.close();
      if (isBusy(error)) return false;
      throw error;
    }
    succeeded(database);
    return true;
  }
}
