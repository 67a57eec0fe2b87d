import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { readlinkSync } from "node:fs";
import { createInterface } from "node:readline";
import { limits } from "./limits.ts";

/** What a watcher is told and asks. */
export interface WatchOptions {
  readonly prefix: readonly string[];
  /** Names of tables that are watched, as nft spells them: `ip tutti_vip`. */
  readonly tables: readonly string[];
  /** Whether a change by this process is one of our own. */
  isOwn(pid: number): boolean;
  /** Somebody else changed one of the tables, or the kernel lost reports of changes. */
  readonly disturbed: (reason: string) => void;
}

/** The number of the first pid namespace: only in it are the kernel's reports of processes to be understood. */
const firstPidNamespace = "pid:[4026531836]";

const generationPattern = /^# new generation \d+ by process (\d+) \(/;

/**
 * Listens to what the kernel tells of changes of its tables, with the process that made each. Costs nothing while
 * nobody changes anything.
 */
export class NftWatch {
  readonly #options: WatchOptions;
  #child: ChildProcess | undefined;
  #again: NodeJS.Timeout | undefined;
  #closed = false;
  #touched = false;

  constructor(options: WatchOptions) {
    this.#options = options;
  }

  /** Whether changes are told of now. */
  get isWatching(): boolean {
    return this.#child !== undefined;
  }

  start(): void {
    if (this.#closed || this.#child !== undefined || !isFirstPidNamespace()) return;
    const [command = "", ...args] = [
      ...this.#options.prefix,
      ...["stdbuf", "-oL", "nft", "monitor"],
    ];
    const child = spawn(command, args, { stdio: ["ignore", "pipe", "ignore"] });
    this.#child = child;
    this.#touched = false;
    createInterface({ input: child.stdout }).on("line", (line) => this.#hear(line));
    child.on("error", () => this.#ended(child));
    child.on("close", () => this.#ended(child));
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#again);
    this.#child?.kill();
  }

  #hear(line: string): void {
    const generation = generationPattern.exec(line);
    if (generation === null) {
      if (line.startsWith("# ERROR")) this.#options.disturbed("the kernel lost reports of changes");
      else
        this.#touched ||= this.#options.tables.some((table) => `${line} `.includes(` ${table} `));
      return;
    }
    const pid = Number(generation[1]);
    if (this.#touched && !this.#options.isOwn(pid))
      this.#options.disturbed(`process ${pid} changed its tables`);
    this.#touched = false;
  }

  #ended(child: ChildProcess): void {
    if (child !== this.#child) return;
    this.#child = undefined;
    if (this.#closed) return;
    this.#again = setTimeout(() => this.start(), limits.watchAgainMs);
    this.#again.unref();
  }
}

function isFirstPidNamespace(): boolean {
  try {
    return readlinkSync("/proc/self/ns/pid") === firstPidNamespace;
  } catch {
    return false;
  }
}
