import {
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  truncateSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import type { FrameworkIdStore } from "@tutti/sdk";
import type { JournalEntry } from "./batch.ts";

type Line = JournalEntry | { readonly type: "framework"; readonly id: string | undefined };

/** What the framework has to remember, as lines of JSON in `DIR/journal`; each is on the disk when `write` returns. */
export class Journal implements FrameworkIdStore {
  readonly #file: number;
  readonly entries: readonly JournalEntry[];
  #frameworkId: string | undefined;

  constructor(dir: string) {
    mkdirSync(dir, { recursive: true });
    const path = join(dir, "journal");
    const text = existsSync(path) ? readFileSync(path, "utf8") : "";
    // A line without its end was being written when the process died: nobody has acted on it.
    const whole = text.slice(0, text.lastIndexOf("\n") + 1);
    if (whole !== text) truncateSync(path, Buffer.byteLength(whole));
    const lines = whole
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line) as Line);
    this.entries = lines.filter((line) => line.type !== "framework");
    this.#frameworkId = lines.findLast((line) => line.type === "framework")?.id;
    this.#file = openSync(path, "a");
  }

  write(entries: readonly Line[]): void {
    if (entries.length === 0) return;
    writeSync(this.#file, entries.map((entry) => `${JSON.stringify(entry)}\n`).join(""));
    fsyncSync(this.#file);
  }

  load(): Promise<string | undefined> {
    return Promise.resolve(this.#frameworkId);
  }

  save(frameworkId: string | undefined): Promise<void> {
    this.#frameworkId = frameworkId;
    this.write([{ type: "framework", id: frameworkId }]);
    return Promise.resolve();
  }
}
