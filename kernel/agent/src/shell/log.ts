import { writeSync } from "node:fs";
import type { LogLevel } from "../core/index.ts";
import { limits } from "./limits.ts";

/** Writes one line per event, as JSON, to the standard error. */
export interface Log {
  (level: LogLevel, message: string, fields?: Readonly<Record<string, unknown>>): void;
  /** Whether lines of `level` are written: asked before an expensive one is made. */
  isOn(level: LogLevel): boolean;
  /** Mesos's number of the level: 0 as started, more is everything. */
  verbosity(): number;
  /** Tells everything for a while, at most a day. A later call takes the place of this one. */
  raise(verbosity: number, durationMs: number): void;
}

const ranks: Readonly<Record<LogLevel, number>> = { debug: 0, info: 1, warn: 2, error: 3 };
const standardError = 2;

/** A log that leaves out what is below `level`. */
export function createLog(level: LogLevel): Log {
  let verbosity = 0;
  let timer: NodeJS.Timeout | undefined;
  const isOn = (wanted: LogLevel): boolean => verbosity > 0 || ranks[wanted] >= ranks[level];
  const write = (
    at: LogLevel,
    message: string,
    fields: Readonly<Record<string, unknown>> = {},
  ): void => {
    if (!isOn(at)) return;
    const line = { time: new Date().toISOString(), level: at, room: "agent", message, ...fields };
    writeLine(`${JSON.stringify(line)}\n`);
  };
  const raise = (wanted: number, durationMs: number): void => {
    clearTimeout(timer);
    verbosity = wanted;
    timer = setTimeout(
      () => {
        verbosity = 0;
      },
      Math.min(durationMs, limits.logRaiseMsMax),
    ).unref();
  };
  return Object.assign(write, { isOn, raise, verbosity: () => verbosity });
}

/** The level that the environment names; `info` when it names none. */
export function levelOf(text: string | undefined): LogLevel {
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
