import type { Allocator } from "@tutti/allocator";
import type { Env } from "@tutti/machine";
import type { MasterConfig } from "./config.ts";
import type { MasterEffect, MasterEntry } from "./events.ts";
import type { MasterLogEntry } from "./log-entry.ts";
import type { MasterState } from "./state.ts";

/** One step in progress: what handlers may read, change and ask for. */
export interface Turn {
  readonly config: MasterConfig;
  readonly env: Env;
  readonly state: MasterState;
  readonly allocator: Allocator;
  readonly persist: MasterEntry[];
  readonly effects: MasterEffect[];
}

/** Asks for an allocation: now, together with every change of the next few milliseconds. Rule MST40. */
export function requestAllocation(turn: Turn): void {
  const { deadlines } = turn.state;
  const dueMs = turn.env.monoMs + turn.config.allocationIntervalMs;
  if (deadlines.allocationMonoMs === undefined || deadlines.allocationMonoMs > dueMs) {
    deadlines.allocationMonoMs = dueMs;
  }
}

/** The present wall time in seconds, as Mesos stamps statuses. */
export function timestampOf(turn: Turn): number {
  return turn.env.wallMs / 1000;
}

/** Asks for a line in the log. */
export function log(turn: Turn, entry: MasterLogEntry): void {
  turn.effects.push({ type: "log", entry });
}
