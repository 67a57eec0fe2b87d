import type { Random } from "@tutti/ports";

/** What a step may know of the world besides its event. */
export interface Env {
  /** Monotonic milliseconds: for deadlines. */
  readonly monoMs: number;
  /** Wall-clock milliseconds since 1970: for timestamps. */
  readonly wallMs: number;
  readonly random: Random;
}

/**
 * What a step wants done, in this order: `persist` becomes durable, then `afterPersist` is performed
 * in its order. The loop calls `step` with the machine's wake event not before `wakeAtMonoMs`. The newest
 * ready decides alone: its value replaces earlier ones and its absence cancels the wake-up, so a
 * machine with a deadline reports it in every ready.
 */
export interface Ready<Entry, Effect> {
  readonly persist: readonly Entry[];
  readonly afterPersist: readonly Effect[];
  readonly wakeAtMonoMs?: number;
}

/**
 * A deterministic decision maker: synchronous, no input or output, time and chance as arguments.
 *
 * Invariant: `recover` after a crash derives every outstanding effect again, so each effect is
 * idempotent; the same events and environment give the same readies.
 */
export interface Machine<Event, Entry, Effect, Durable> {
  step(event: Event, env: Env): Ready<Entry, Effect>;
  recover(durable: Durable, env: Env): Ready<Entry, Effect>;
}
