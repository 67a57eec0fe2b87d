import { writeSync } from "node:fs";
import type { Clock } from "@tutti/ports";
import type { MasterLogEntry } from "../core/log-entry.ts";
import { limits } from "./limits.ts";
import { wordsOf } from "./log-words.ts";
import type { LogLevel } from "./log-words.ts";

const ranks: Readonly<Record<LogLevel, number>> = { debug: 0, info: 1, warn: 2, error: 3 };
const standardError = 2;

/** What was left out of one kind of lines since the present window began. */
interface Window {
  readonly beganMs: number;
  lines: number;
  leftOut: number;
}

/**
 * The master's log: one line per event, as JSON, on the standard error. A flood of one kind is cut to
 * `limits.logLinesPerWindowMax` lines a minute, and how many were left out is told. Rule MST100.
 */
export class MasterLog {
  readonly #clock: Clock;
  readonly #write: (line: string) => void;
  readonly #level: LogLevel;
  readonly #windows = new Map<string, Window>();
  /** Mesos's number of the level: 0 as started, more is everything. */
  #verbosity = 0;
  readonly #timers = new Set<() => void>();
  #endRaise: (() => void) | undefined;

  constructor(clock: Clock, level: LogLevel, write: (line: string) => void = writeLine) {
    this.#clock = clock;
    this.#level = level;
    this.#write = write;
  }

  /** As Mesos numbers it. */
  get verbosity(): number {
    return this.#verbosity;
  }

  /** Tells everything for a while. A later call takes the place of this one. */
  raise(verbosity: number, durationMs: number): void {
    this.#endRaise?.();
    this.#verbosity = verbosity;
    this.#endRaise = this.#after(Math.min(durationMs, limits.logRaiseMsMax), () => {
      this.#verbosity = 0;
    });
  }

  /** Forgets what was to be told later. */
  close(): void {
    for (const cancel of this.#timers) cancel();
    this.#timers.clear();
  }

  /** Whether lines of `level` are written. */
  isOn(level: LogLevel): boolean {
    return this.#verbosity > 0 || ranks[level] >= ranks[this.#level];
  }

  /** Something the core tells. */
  tell(entry: MasterLogEntry): void {
    const { level, message } = wordsOf(entry);
    const { what, ...fields } = entry;
    this.line(level, message, fields, what);
  }

  /** One line; lines of one `kind` are bounded together. */
  line(
    level: LogLevel,
    message: string,
    fields: Readonly<Record<string, unknown>> = {},
    kind = message,
  ): void {
    if (!this.isOn(level) || !this.#isWithinBound(kind, level)) return;
    this.#put(level, message, fields);
  }

  #isWithinBound(kind: string, level: LogLevel): boolean {
    const nowMs = this.#clock.monoMs();
    let window = this.#windows.get(kind);
    if (window === undefined || nowMs - window.beganMs >= limits.logWindowMs) {
      window = { beganMs: nowMs, lines: 0, leftOut: 0 };
      this.#windows.set(kind, window);
    }
    window.lines += 1;
    if (window.lines <= limits.logLinesPerWindowMax) return true;
    window.leftOut += 1;
    if (window.leftOut === 1) this.#tellLeftOut(kind, level, window);
    return false;
  }

  #tellLeftOut(kind: string, level: LogLevel, window: Window): void {
    const leftMs = window.beganMs + limits.logWindowMs - this.#clock.monoMs();
    this.#after(leftMs, () => {
      const fields = { kind, leftOut: window.leftOut };
      this.#put(level, "more lines of this kind were left out", fields);
    });
  }

  #after(delayMs: number, fire: () => void): () => void {
    const cancelTimer = this.#clock.after(delayMs, () => {
      this.#timers.delete(cancel);
      fire();
    });
    const cancel = (): void => {
      this.#timers.delete(cancel);
      cancelTimer();
    };
    this.#timers.add(cancel);
    return cancel;
  }

  #put(level: LogLevel, message: string, fields: Readonly<Record<string, unknown>>): void {
    const time = new Date(this.#clock.wallMs()).toISOString();
    const line = { time, level, room: "master", message, ...fields };
    this.#write(`${JSON.stringify(line)}\n`);
  }
}

/** The level that the environment names; `info` when it names none. */
export function logLevelOf(text: string | undefined): LogLevel {
  return text === "debug" || text === "warn" || text === "error" ? text : "info";
}

/** A log that nobody can take any more is no reason to end. */
function writeLine(line: string): void {
  try {
    writeSync(standardError, line);
  } catch {
    return;
  }
}
