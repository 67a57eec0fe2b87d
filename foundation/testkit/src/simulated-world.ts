import { assert, present } from "@tutti/base";
import { EventQueue } from "./event-queue.ts";
import { createSeededRandom } from "./seeded-random.ts";
import type { SeededRandom } from "./seeded-random.ts";
import { SimulatedNode } from "./simulated-node.ts";
import type { NodeOptions } from "./simulated-node.ts";

/** More events than this without time going on are a bug: something feeds itself. */
const EVENTS_AT_ONE_TIME_MAX = 1_000_000;

/** How a world begins. */
interface WorldOptions {
  readonly seed: number | string;
  /** Wall-clock time at the beginning. Default: 2026-01-01T00:00:00Z. */
  readonly wallMs?: number;
}

/**
 * Time and chance of a simulation: one queue of events on one true clock, which jumps from event to
 * event. Events of one time happen in the order they were planned, so a seed repeats exactly.
 */
export class SimulatedWorld {
  readonly random: SeededRandom;
  /** Wall-clock time when the true clock was 0. */
  readonly wallStartMs: number;
  readonly #queue = new EventQueue();
  readonly #nodes = new Map<string, SimulatedNode>();
  #nowMs = 0;
  #happened = 0;
  #atThisTime = 0;

  constructor(options: WorldOptions) {
    this.random = createSeededRandom(options.seed);
    this.wallStartMs = options.wallMs ?? 1_767_225_600_000;
  }

  /** True milliseconds since the beginning. */
  nowMs(): number {
    return this.#nowMs;
  }

  /** Events that have happened. */
  get eventCount(): number {
    return this.#happened;
  }

  /** Plans `fire` for `delayMs` from now; the returned function cancels it. */
  after(delayMs: number, fire: () => void): () => void {
    assert(delayMs >= 0 && delayMs < Infinity, "a delay is at least 0 and finite");
    return this.#queue.add(this.#nowMs + delayMs, fire);
  }

  /** As `after`, for what nobody cancels: a message on its way. */
  carry(delayMs: number, fire: () => void): void {
    assert(delayMs >= 0 && delayMs < Infinity, "a delay is at least 0 and finite");
    this.#queue.addForGood(this.#nowMs + delayMs, fire);
  }

  /** Adds a machine with its own clocks. */
  addNode(name: string, options: NodeOptions = {}): SimulatedNode {
    assert(!this.#nodes.has(name), `two nodes are called ${name}`);
    const node = new SimulatedNode(this, name, options);
    this.#nodes.set(name, node);
    return node;
  }

  node(name: string): SimulatedNode {
    return this.#nodes.get(name) ?? present<SimulatedNode>(undefined, `the node ${name}`);
  }

  nodes(): readonly SimulatedNode[] {
    return [...this.#nodes.values()];
  }

  /** Lets the next event happen; false when nothing is planned. */
  step(): boolean {
    const nextMs = this.#queue.nextMs();
    if (nextMs === undefined) return false;
    this.#happen(nextMs);
    return true;
  }

  /** Lets everything happen that is planned up to `untilMs`; then it is that time. */
  run(untilMs: number): void {
    for (
      let nextMs = this.#queue.nextMs();
      nextMs !== undefined && nextMs <= untilMs;
      nextMs = this.#queue.nextMs()
    ) {
      this.#happen(nextMs);
    }
    this.#nowMs = Math.max(this.#nowMs, untilMs);
  }

  /** Runs until `condition` holds (looked at after each event); false when it does not by `untilMs`. */
  runUntil(condition: () => boolean, untilMs: number): boolean {
    while (!condition()) {
      const nextMs = this.#queue.nextMs();
      if (nextMs === undefined || nextMs > untilMs) {
        this.run(untilMs);
        return condition();
      }
      this.step();
    }
    return true;
  }

  #happen(atMs: number): void {
    this.#atThisTime = atMs > this.#nowMs ? 0 : this.#atThisTime + 1;
    // The text only when it is needed: a fraction as decimals costs more than the event.
    if (this.#atThisTime >= EVENTS_AT_ONE_TIME_MAX) {
      assert(false, `time stands still at ${this.#nowMs} ms`);
    }
    this.#nowMs = atMs;
    const fire = present(this.#queue.take(), "the event that is next");
    this.#happened += 1;
    fire();
  }
}
