import { describe, expect, it } from "vitest";
import type { Clock } from "@tutti/ports";
import type { MasterLogEntry } from "../core/log-entry.ts";
import { limits } from "./limits.ts";
import { MasterLog } from "./log.ts";
import type { LogLevel } from "./log-words.ts";

/** A clock that a test moves. */
class HandClock implements Clock {
  #nowMs = 0;
  readonly #timers = new Map<number, () => void>();

  monoMs(): number {
    return this.#nowMs;
  }

  wallMs(): number {
    return Date.UTC(2030, 0, 1) + this.#nowMs;
  }

  after(delayMs: number, fire: () => void): () => void {
    const dueMs = this.#nowMs + delayMs;
    this.#timers.set(dueMs, fire);
    return () => this.#timers.delete(dueMs);
  }

  pass(ms: number): void {
    this.#nowMs += ms;
    for (const [dueMs, fire] of this.#timers) {
      if (dueMs > this.#nowMs) continue;
      this.#timers.delete(dueMs);
      fire();
    }
  }
}

function logged(level: LogLevel = "info"): {
  readonly log: MasterLog;
  readonly clock: HandClock;
  readonly lines: Record<string, unknown>[];
} {
  const lines: Record<string, unknown>[] = [];
  const clock = new HandClock();
  const log = new MasterLog(clock, level, (line) => {
    expect(line.endsWith("\n")).toBe(true);
    lines.push(JSON.parse(line) as Record<string, unknown>);
  });
  return { log, clock, lines };
}

const refused: MasterLogEntry = {
  what: "agentRefused",
  hostname: "a0",
  code: "HOSTNAME_MISSING",
  reason: "hostname is empty",
};

describe("[MST100] the log of the process", () => {
  it("says what, how important it is, and what it is about", () => {
    const { log, lines } = logged();
    log.tell(refused);
    expect(lines).toEqual([
      {
        time: "2030-01-01T00:00:00.000Z",
        level: "warn",
        room: "master",
        message: "an agent is refused",
        hostname: "a0",
        code: "HOSTNAME_MISSING",
        reason: "hostname is empty",
      },
    ]);
  });

  it("leaves out what is below its level", () => {
    const { log, lines } = logged("error");
    log.tell(refused);
    log.line("info", "this master listens");
    log.line("error", "this master cannot go on");
    expect(lines.map(({ message }) => message)).toEqual(["this master cannot go on"]);
  });

  it("takes a bounded number of one kind a minute, and says how many more there were", () => {
    const { log, clock, lines } = logged();
    const times = limits.logLinesPerWindowMax + 250;
    for (let count = 0; count < times; count += 1) log.tell(refused);
    log.line("info", "this master listens");
    expect(lines).toHaveLength(limits.logLinesPerWindowMax + 1);
    clock.pass(limits.logWindowMs);
    expect(lines.at(-1)).toMatchObject({
      message: "more lines of this kind were left out",
      kind: "agentRefused",
      leftOut: 250,
    });
    log.tell(refused);
    expect(lines.at(-1)).toMatchObject({ message: "an agent is refused" });
  });

  it("[MST101] tells everything while it is asked to", () => {
    const { log, clock, lines } = logged();
    log.raise(2, 1000);
    expect([log.verbosity, log.isOn("debug")]).toEqual([2, true]);
    clock.pass(500);
    log.raise(1, 1000);
    clock.pass(999);
    log.line("debug", "replyOk");
    expect(log.verbosity).toBe(1);
    clock.pass(1);
    log.line("debug", "replyOk");
    expect([log.verbosity, log.isOn("debug")]).toEqual([0, false]);
    expect(lines).toHaveLength(1);
  });

  it("forgets what is due later when it is closed", () => {
    const { log, clock, lines } = logged();
    for (let count = 0; count < limits.logLinesPerWindowMax + 1; count += 1) log.tell(refused);
    log.close();
    clock.pass(limits.logWindowMs);
    expect(lines).toHaveLength(limits.logLinesPerWindowMax);
  });
});
