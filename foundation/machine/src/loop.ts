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
  /** The event of a due wake-up. */
  readonly wake: Event;
  /** A failed persist or a bug in a step: the process must end. */
  fatal(error: Error): void;
  /** Called when the event loop was blocked for longer than `stallMs`: before due deadlines are acted on. */
  readonly onStall?: (stalledMs: number) => void;
  readonly stallMs?: number;
}

/** The generic shell of a machine: takes events, steps, persists in batches, performs effects in order. */
export interface MachineLoop<Event, Durable> {
  /** Recovers the machine from what was durable and begins to take events. */
  start(durable: Durable): void;
  /** Hands in an event. Order of posts is order of steps. */
  post(event: Event): void;
  /** Runs `read` when all that was stepped is durable: at once when nothing is in flight. */
  read(read: () => void): void;
  /** Takes no more events and cancels the wake-up. */
  stop(): void;
}

/** Makes the loop of `machine`. */
export type CreateMachineLoop = <Event, Entry, Effect, Durable>(
  machine: Machine<Event, Entry, Effect, Durable>,
  ports: LoopPorts<Event, Entry, Effect>,
) => MachineLoop<Event, Durable>;
