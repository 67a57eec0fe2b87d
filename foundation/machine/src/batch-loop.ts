import { assert, present } from "@tutti/base";
import { limits } from "./limits.ts";
import type { LoopPorts, MachineLoop } from "./loop.ts";
import type { Env, Machine, Ready } from "./machine.ts";
import { WakeTimer } from "./wake-timer.ts";

/** Makes the loop of `machine`; the contract is that of `CreateMachineLoop`. */
export function createMachineLoop<Event, Entry, Effect, Durable>(
  machine: Machine<Event, Entry, Effect, Durable>,
  ports: LoopPorts<Event, Entry, Effect>,
): MachineLoop<Event, Durable> {
  return new BatchLoop(machine, ports);
}

/** `busy`: stepping, performing or reading on the stack; `persisting`: waiting for the disk. */
type Phase = "created" | "idle" | "busy" | "persisting" | "ended";

class BatchLoop<Event, Entry, Effect, Durable> implements MachineLoop<Event, Durable> {
  readonly #machine: Machine<Event, Entry, Effect, Durable>;
  readonly #ports: LoopPorts<Event, Entry, Effect>;
  readonly #wake: WakeTimer;
  #phase: Phase = "created";
  #queue: Event[] = [];
  /** Index of the next event in `#queue`. */
  #head = 0;
  #reads: (() => void)[] = [];
  #effects: readonly Effect[] = [];
  /** The wake event is in the queue, or about to be: no other is armed until it was stepped. */
  #wakeQueued = false;
  #cancelContinuation: (() => void) | undefined;
  /** False from the first step of a batch until its entries are durable. */
  #durable = true;

  constructor(
    machine: Machine<Event, Entry, Effect, Durable>,
    ports: LoopPorts<Event, Entry, Effect>,
  ) {
    this.#machine = machine;
    this.#ports = ports;
    this.#wake = new WakeTimer(ports.clock, ports.stallMs ?? Infinity, {
      due: () => {
        this.#wakeQueued = true;
        this.post(ports.wake);
      },
      stalled: (stalledMs) => ports.onStall?.(stalledMs),
    });
  }

  start(durable: Durable): void {
    assert(this.#phase === "created", "a loop starts once");
    this.#guarded(() => {
      this.#phase = "busy";
      this.#durable = false;
      const ready = this.#machine.recover(durable, this.#env());
      this.#commit(ready.persist, ready.afterPersist, ready.wakeAtMonoMs);
    });
    this.#run();
  }

  post(event: Event): void {
    if (this.#phase === "ended") return;
    this.#queue.push(event);
    if (this.#cancelContinuation === undefined) this.#run();
  }

  read(read: () => void): void {
    if (this.#phase === "ended") return;
    if (this.#phase === "created" || !this.#durable) this.#reads.push(read);
    else this.#guarded(read);
  }

  queueLength(): number {
    return this.#queue.length - this.#head;
  }

  stop(): void {
    this.#phase = "ended";
    this.#queue = [];
    this.#head = 0;
    this.#reads = [];
    this.#effects = [];
    this.#wake.cancel();
    this.#cancelContinuation?.();
    this.#cancelContinuation = undefined;
  }

  /** Steps batch after batch until the queue is empty, the disk must be waited for, or the turn is over. */
  #run(): void {
    let turnEvents = 0;
    while (this.#phase === "idle" && this.queueLength() > 0) {
      if (turnEvents >= limits.turnEventsMax) {
        this.#continueLater();
        return;
      }
      try {
        turnEvents += this.#stepBatch();
      } catch (error) {
        this.#fail(error);
      }
    }
  }

  #stepBatch(): number {
    this.#phase = "busy";
    this.#wake.checkStall();
    const count = Math.min(this.queueLength(), limits.batchEventsMax);
    this.#durable = false;
    if (count === 1) {
      const { persist, afterPersist, wakeAtMonoMs } = this.#step();
      if (this.#isBusy()) this.#commit(persist, afterPersist, wakeAtMonoMs);
      return count;
    }
    const entries: Entry[] = [];
    const effects: Effect[] = [];
    let wakeAtMonoMs: number | undefined;
    for (let index = 0; index < count && this.#isBusy(); index += 1) {
      const ready = this.#step();
      for (const entry of ready.persist) entries.push(entry);
      for (const effect of ready.afterPersist) effects.push(effect);
      wakeAtMonoMs = ready.wakeAtMonoMs;
    }
    if (this.#isBusy()) this.#commit(entries, effects, wakeAtMonoMs);
    return count;
  }

  #step(): Ready<Entry, Effect> {
    const event = this.#take();
    if (event === this.#ports.wake) this.#wakeQueued = false;
    return this.#machine.step(event, this.#env());
  }

  #take(): Event {
    const event = present(this.#queue[this.#head], "an event inside the queue");
    this.#head += 1;
    if (this.#head === this.#queue.length) {
      this.#queue = [];
      this.#head = 0;
    } else if (this.#head >= limits.turnEventsMax) {
      this.#queue = this.#queue.slice(this.#head);
      this.#head = 0;
    }
    return event;
  }

  #commit(
    entries: readonly Entry[],
    effects: readonly Effect[],
    wakeAtMonoMs: number | undefined,
  ): void {
    if (!this.#wakeQueued) this.#wake.set(wakeAtMonoMs);
    this.#effects = effects;
    if (entries.length === 0) {
      this.#settle();
      return;
    }
    this.#phase = "persisting";
    let answered = false;
    let returned = false;
    this.#ports.persist(entries, (error) => {
      if (answered || this.#phase !== "persisting") return;
      answered = true;
      if (error !== undefined) {
        this.#fail(error);
        return;
      }
      this.#guarded(() => {
        this.#phase = "busy";
        this.#settle();
      });
      if (returned) this.#run();
    });
    returned = true;
  }

  /** What was stepped is durable: performs its effects in order, then lets the waiting reads see it. */
  #settle(): void {
    this.#durable = true;
    const effects = this.#effects;
    this.#effects = [];
    for (const effect of effects) {
      if (!this.#isBusy()) return;
      this.#ports.perform(effect);
    }
    const reads = this.#reads;
    this.#reads = [];
    for (const read of reads) {
      if (!this.#isBusy()) return;
      read();
    }
    if (this.#isBusy()) this.#phase = "idle";
  }

  /** Asked after every call to the outside, which may have stopped the loop. */
  #isBusy(): boolean {
    return this.#phase === "busy";
  }

  #continueLater(): void {
    this.#cancelContinuation = this.#ports.clock.after(0, () => {
      this.#cancelContinuation = undefined;
      this.#run();
    });
  }

  #env(): Env {
    const { clock, random } = this.#ports;
    return { monoMs: clock.monoMs(), wallMs: clock.wallMs(), random };
  }

  #guarded(action: () => void): void {
    try {
      action();
    } catch (error) {
      this.#fail(error);
    }
  }

  #fail(error: unknown): void {
    if (this.#phase === "ended") return;
    this.stop();
    this.#ports.fatal(error instanceof Error ? error : new Error(String(error), { cause: error }));
  }
}
