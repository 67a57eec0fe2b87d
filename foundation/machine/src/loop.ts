import type { Clock, Random } from "@tutti/ports";
import type { Machine } from "./machine.ts";

/** What a loop needs from outside. Everything is a callback, so a simulated world can drive it. */
export interface LoopPorts<Event, Entry, Effect> {
  readonly clock: Clock;
  readonly random: Random;
  /** Makes all entries durable, atomically and in order, then calls `done`; with an error the loop ends. */
  persist(entries: readonly Entry[], done: (error?: Error) => void): void;
  /** Performs one effect. Must not throw; results come back as events through `post`. */
  perform(effect: Effect): void;
  /** The event of a due wake-up; compared by identity. */
  readonly wake: Event;
  /** A failed persist, a throw of `perform` or a bug in a step: the process must end. Called at most once. */
  fatal(error: Error): void;
  /**
   * Called when a deadline was passed by more than `stallMs` before the loop got to run, i.e. the
   * event loop was blocked or the process stopped. The wake event follows a turn of the clock later,
   * behind everything that waited in sockets.
   */
  readonly onStall?: (stalledMs: number) => void;
  /** Default: no stall is ever told. */
  readonly stallMs?: number;
}

/**
 * The generic shell of a machine: takes events, steps, persists in batches, performs effects in order.
 *
 * While a batch is being persisted, new events wait; then they are stepped together as the next
 * batch with one `persist` (group commit). A batch without entries performs its effects in the same
 * turn, so an idle loop answers a `post` before it returns. Posts from within `perform` or `step`
 * wait for the end of the present batch.
 *
 * Wake-up: the ready of the newest step decides alone. Its `wakeAtMonoMs` replaces every earlier
 * one, and a ready without one cancels the wake-up; so a machine reports its next deadline in every
 * ready.
 *
 * Invariant: no effect is performed and no read runs while something stepped is not durable.
 */
export interface MachineLoop<Event, Durable> {
  /** Recovers the machine from what was durable and begins to take events. */
  start(durable: Durable): void;
  /** Hands in an event. Order of posts is order of steps. */
  post(event: Event): void;
  /**
   * Runs `read` when all that was stepped is durable: at once when nothing is in flight. Waiting
   * reads run after the effects of their batch and before the next batch is stepped.
   */
  read(read: () => void): void;
  /** Events posted and not yet stepped: above its bound a shell refuses new work. */
  queueLength(): number;
  /** Takes no more events, performs no more effects, drops waiting reads and cancels the wake-up. */
  stop(): void;
}

/** Makes the loop of `machine`. */
export type CreateMachineLoop = <Event, Entry, Effect, Durable>(
  machine: Machine<Event, Entry, Effect, Durable>,
  ports: LoopPorts<Event, Entry, Effect>,
) => MachineLoop<Event, Durable>;
