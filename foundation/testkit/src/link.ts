import type { SeededRandom } from "./seeded-random.ts";
import type { SimulatedWorld } from "./simulated-world.ts";

/** What one direction between two nodes does to messages. */
export interface LinkFaults {
  readonly delayMsMin: number;
  readonly delayMsMax: number;
  /** Probability that a call or its answer is lost; a tenth of it that a message breaks its stream. */
  readonly loss: number;
  /** Probability that a call is carried out twice. */
  readonly duplication: number;
  /** A stream breaks when its link has been cut for about so long. */
  readonly breakAfterMs: number;
}

const breaksPerLoss = 0.1;

/**
 * One direction between two nodes. While it is cut, what is carried waits, as TCP would send it
 * again; who waits decides how long.
 */
export class Link {
  readonly #world: SimulatedWorld;
  readonly #random: SeededRandom;
  #defaults: LinkFaults;
  #own: Partial<LinkFaults> = {};
  #faults: LinkFaults;
  #isCut = false;
  #waiting: (() => void)[] = [];
  #cutListeners = new Set<() => void>();

  constructor(world: SimulatedWorld, random: SeededRandom, defaults: LinkFaults) {
    this.#world = world;
    this.#random = random;
    this.#defaults = defaults;
    this.#faults = defaults;
  }

  get faults(): LinkFaults {
    return this.#faults;
  }

  get isCut(): boolean {
    return this.#isCut;
  }

  setDefaults(defaults: LinkFaults): void {
    this.#defaults = defaults;
    this.#faults = { ...defaults, ...this.#own };
  }

  setOwn(faults: Partial<LinkFaults> | undefined): void {
    this.#own = faults ?? {};
    this.#faults = { ...this.#defaults, ...this.#own };
  }

  loses(): boolean {
    return this.#random.chance(this.#faults.loss);
  }

  /** Whether a message breaks its stream: seldom, because TCP sends again what is lost. */
  breaks(): boolean {
    return this.#random.chance(this.#faults.loss * breaksPerLoss);
  }

  doubles(): boolean {
    return this.#random.chance(this.#faults.duplication);
  }

  /** True milliseconds that the next message needs. */
  nextDelayMs(): number {
    return this.#random.between(this.#faults.delayMsMin, this.#faults.delayMsMax);
  }

  /** True milliseconds after which a stream over this link breaks, counted from the cut. */
  nextBreakMs(): number {
    return this.#faults.breakAfterMs * this.#random.between(0.5, 1.5);
  }

  /** Lets `arrive` happen after the link's delay, but not before `earliestMs`; returns when. */
  carry(arrive: () => void, earliestMs = 0): number {
    const nowMs = this.#world.nowMs();
    const atMs = Math.max(nowMs + this.nextDelayMs(), earliestMs);
    this.#world.carry(atMs - nowMs, () => this.#arrive(arrive));
    return atMs;
  }

  cut(): void {
    if (this.#isCut) return;
    this.#isCut = true;
    for (const listener of this.#cutListeners) listener();
  }

  mend(): void {
    if (!this.#isCut) return;
    this.#isCut = false;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const arrive of waiting) this.#arrive(arrive);
  }

  /** Calls `listener` at each cut; returns the way to stop. */
  onCut(listener: () => void): () => void {
    this.#cutListeners.add(listener);
    return () => this.#cutListeners.delete(listener);
  }

  #arrive(arrive: () => void): void {
    if (this.#isCut) this.#waiting.push(arrive);
    else arrive();
  }
}
