import { closeSync, fdatasync, fstatSync, fsyncSync, openSync } from "node:fs";
import { dirname } from "node:path";

/**
 * Flushes the write-ahead log of a database to the disk, off this thread.
 *
 * The log is opened beside SQLite's own descriptor: a flush is the file's, not the descriptor's, and
 * SQLite keeps its locks on other files, so closing ours loses none.
 */
export class WalSync {
  readonly #file: string;
  #descriptor: number | undefined;

  /** `file` is the database; its log must exist, i.e. something was written since it was opened. */
  constructor(file: string) {
    this.#file = `${file}-wal`;
    syncDirectory(dirname(file));
  }

  /** Calls `done` when all that was written to the log before this call is durable. */
  flush(done: (error: Error | null) => void): void {
    let descriptor: number;
    try {
      descriptor = this.#open();
    } catch (error) {
      done(error instanceof Error ? error : new Error(String(error)));
      return;
    }
    fdatasync(descriptor, done);
  }

  close(): void {
    if (this.#descriptor !== undefined) closeSync(this.#descriptor);
    this.#descriptor = undefined;
  }

  /** The log; opened anew should SQLite have replaced it. */
  #open(): number {
    if (this.#descriptor !== undefined && fstatSync(this.#descriptor).nlink > 0)
      return this.#descriptor;
    this.close();
    this.#descriptor = openSync(this.#file, "r");
    syncDirectory(dirname(this.#file));
    return this.#descriptor;
  }
}

/** Makes the names of new files durable. */
function syncDirectory(directory: string): void {
  const descriptor = openSync(directory, "r");
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
