import { Fault } from "@tutti/base";
import type { SeededRandom } from "./seeded-random.ts";
import type { SimulatedNode } from "./simulated-node.ts";
import type { SimulatedWorld } from "./simulated-world.ts";

/** What a disk does to writes. */
export interface DiskFaults {
  readonly latencyMsMin: number;
  readonly latencyMsMax: number;
  /** Probability that a write fails: its process must end, and nobody knows what is left of it. */
  readonly failure: number;
  /**
   * What a crash leaves of the write in flight: all of it or nothing, as a database does, or any
   * beginning of it, as a plain file does.
   */
  readonly torn: "atomic" | "prefix";
}

const SOUND: DiskFaults = { latencyMsMin: 0.1, latencyMsMax: 2, failure: 0, torn: "atomic" };

/**
 * The durable log of one node: appended in batches, read back after a crash. Outlives the node's
 * processes. `persist` is that of a machine loop.
 */
export class SimulatedDisk<Entry> {
  readonly #world: SimulatedWorld;
  readonly #node: SimulatedNode;
  readonly #random: SeededRandom;
  #faults: DiskFaults = SOUND;
  #durable: Entry[] = [];
  #lastDoneMs = 0;
  #writeCount = 0;
  /** The life that began with a torn write. */
  #tornLife = -1;
  #diesInWrite: (() => void) | undefined;

  constructor(world: SimulatedWorld, node: SimulatedNode) {
    this.#world = world;
    this.#node = node;
    this.#random = world.random.fork(`disk ${node.name}`);
  }

  /** Sets what the disk does from now on; absent faults are those of a sound disk. */
  setFaults(faults: Partial<DiskFaults>): void {
    this.#faults = { ...SOUND, ...faults };
  }

  /** Calls `die` once, while the next write is under way: it is to kill the process. */
  dieInNextWrite(die: (() => void) | undefined): void {
    this.#diesInWrite = die;
  }

  /** What survives a crash, in order. */
  entries(): readonly Entry[] {
    return this.#durable;
  }

  /** Writes so far. */
  get writeCount(): number {
    return this.#writeCount;
  }

  /** Makes `entries` durable after the disk's latency, one write after another; then `done` is told. */
  persist(entries: readonly Entry[], done: (error?: Error) => void): void {
    const node = this.#node;
    const nowMs = this.#world.nowMs();
    const latencyMs = this.#random.between(this.#faults.latencyMsMin, this.#faults.latencyMsMax);
    const doneMs = Math.max(this.#lastDoneMs, nowMs) + latencyMs;
    this.#lastDoneMs = doneMs;
    this.#writeCount += 1;
    // The disk works on while the process is paused; only the answer waits.
    const cancel = this.#world.after(doneMs - nowMs, () => {
      forget();
      if (this.#random.chance(this.#faults.failure)) {
        this.#durable.push(...this.#remains(entries));
        const message = `the disk of ${node.name} failed`;
        node.deliver(() => done(new Fault("DISK_FAILED", message, { retryable: true })));
        return;
      }
      this.#durable.push(...entries);
      node.deliver(() => done());
    });
    const forget = node.onCrash(() => {
      cancel();
      this.#lastDoneMs = 0;
      this.#durable.push(...this.#remains(entries));
    });
    const die = this.#diesInWrite;
    this.#diesInWrite = undefined;
    if (die !== undefined) node.after((doneMs - nowMs) / 2, die);
  }

  /** Replaces the whole log, as a compaction does: atomically and at once. */
  rewrite(entries: readonly Entry[]): void {
    this.#durable = [...entries];
  }

  /** What is left of a write in flight: nothing when one before it was not left whole. */
  #remains(entries: readonly Entry[]): readonly Entry[] {
    if (this.#tornLife === this.#node.life) return [];
    const left = this.#tear(entries);
    if (left.length < entries.length) this.#tornLife = this.#node.life;
    return left;
  }

  #tear(entries: readonly Entry[]): readonly Entry[] {
    if (this.#faults.torn === "prefix")
      return entries.slice(0, this.#random.below(entries.length + 1));
    return this.#random.chance(0.5) ? entries : [];
  }
}
