import { assert } from "@tutti/base";
import type { Clock } from "@tutti/ports";
import type { SeededRandom } from "./seeded-random.ts";

/** How a machine's clocks differ from the truth. */
export interface NodeOptions {
  /** Milliseconds of the node's clocks per true millisecond. Default 1. */
  readonly rate?: number;
  /** What the wall clock is ahead of the truth. Default 0. */
  readonly wallOffsetMs?: number;
}

/** What a node needs of its world. */
interface NodeWorld {
  readonly random: SeededRandom;
  readonly wallStartMs: number;
  nowMs(): number;
  after(delayMs: number, fire: () => void): () => void;
}

/** Timers shorter than this would be lost in the rounding of large times. */
const TIMER_MS_MIN = 0.001;

/**
 * A machine of the world: its clocks, its chance, its life. What a process on it does in future
 * (timers, deliveries) goes through `after` and `deliver`, which forget it when the process is killed.
 *
 * States: up → (pause) → paused → (resume) → up; up or paused → (crash) → down → (restart) → up.
 */
export class SimulatedNode {
  readonly name: string;
  readonly clock: Clock;
  readonly random: SeededRandom;
  /** What an event loop finds first when it goes on; a source of its own, so that it disturbs no other. */
  readonly #loopRandom: SeededRandom;
  readonly #world: NodeWorld;
  readonly #rate: number;
  readonly #bootMs: number;
  #wallOffsetMs: number;
  /** Grows with each crash: what was planned by an earlier life does not happen. */
  #life = 0;
  #state: "up" | "paused" | "down" = "up";
  /** Timers that fell due during a pause, and what came from outside meanwhile. */
  #dueTimers: (() => void)[] = [];
  #backlog: (() => void)[] = [];
  readonly #crashListeners = new Set<() => void>();

  constructor(world: NodeWorld, name: string, options: NodeOptions) {
    this.#world = world;
    this.name = name;
    this.random = world.random.fork(`node ${name}`);
    this.#loopRandom = this.random.fork("event loop");
    this.#rate = options.rate ?? 1;
    this.#wallOffsetMs = options.wallOffsetMs ?? 0;
    // Monotonic clocks of machines begin anywhere: nobody may compare those of two.
    this.#bootMs = Math.floor(this.random.next() * 1_000_000);
    this.clock = {
      monoMs: () => this.#bootMs + world.nowMs() * this.#rate,
      wallMs: () => Math.floor(world.wallStartMs + world.nowMs() * this.#rate + this.#wallOffsetMs),
      after: (delayMs, fire) => this.after(Math.max(0, delayMs) / this.#rate, fire),
    };
  }

  get state(): "up" | "paused" | "down" {
    return this.#state;
  }

  /** Number of the present life, counted from 0. */
  get life(): number {
    return this.#life;
  }

  /** Plans something for this life, in true milliseconds; while paused it waits for the resumption. */
  after(delayMs: number, fire: () => void): () => void {
    const life = this.#life;
    let isWanted = this.#state !== "down";
    const due = (): void => {
      if (!isWanted || life !== this.#life) return;
      if (this.#state !== "paused") fire();
      else {
        this.#dueTimers.push(() => {
          if (isWanted && life === this.#life) fire();
        });
      }
    };
    const cancel = this.#world.after(delayMs === 0 ? 0 : Math.max(delayMs, TIMER_MS_MIN), due);
    return () => {
      isWanted = false;
      cancel();
    };
  }

  /** Hands something from outside to the process: at once, after its pause, or never when it is down. */
  deliver(fire: () => void): void {
    if (this.#state === "up") fire();
    else if (this.#state === "paused") this.#backlog.push(fire);
  }

  /** Calls `listener` once when this life ends: loops are stopped there. Returns the way to stop. */
  onCrash(listener: () => void): () => void {
    this.#crashListeners.add(listener);
    return () => this.#crashListeners.delete(listener);
  }

  /** Kills the process: its timers, deliveries and everything not durable are gone. */
  crash(): void {
    assert(this.#state !== "down", `${this.name} is down already`);
    this.#state = "down";
    this.#life += 1;
    this.#dueTimers = [];
    this.#backlog = [];
    const listeners = [...this.#crashListeners];
    this.#crashListeners.clear();
    for (const listener of listeners) listener();
  }

  /** Lets a new process begin; whoever owns the node starts its loops. */
  restart(): void {
    assert(this.#state === "down", `${this.name} is not down`);
    this.#state = "up";
  }

  /** Stops the process as SIGSTOP does: nothing happens in it, and what is due gathers. */
  pause(): void {
    if (this.#state === "up") this.#state = "paused";
  }

  /**
   * Lets it go on. What gathered happens now, each kind in its order: first every timer that fell due,
   * when the stop met the event loop before it looked at its sockets, or first what came from outside,
   * when it met it while it waited for its sockets. Chance decides, unless `first` does.
   */
  resume(first?: "timers" | "sockets"): void {
    if (this.#state !== "paused") return;
    this.#state = "up";
    const isSocketsFirst = first === undefined ? this.#loopRandom.chance(0.5) : first === "sockets";
    for (;;) {
      const fire = isSocketsFirst
        ? (this.#backlog.shift() ?? this.#dueTimers.shift())
        : (this.#dueTimers.shift() ?? this.#backlog.shift());
      if (fire === undefined) return;
      fire();
      // What happened may have killed it or stopped it again; then the rest waits or is gone.
      if (!this.#isUp()) return;
    }
  }

  /** Moves the wall clock, as a correction by NTP or by hand does. */
  jumpWall(byMs: number): void {
    this.#wallOffsetMs += byMs;
  }

  #isUp(): boolean {
    return this.#state === "up";
  }
}
