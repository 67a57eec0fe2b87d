import type { Cluster } from "@tutti/simulator";
import type { SeededRandom } from "@tutti/testkit";

/** Kinds of faults, counted in reports. */
export type FaultKind = "crash" | "boot" | "pause" | "isolation" | "partition" | "storm" | "delay";

const secondMs = 1_000;

/** One fault: how it begins and how it ends. */
interface Fault {
  readonly kind: FaultKind;
  readonly durationMs: number;
  readonly begin: () => void;
  readonly end: () => void;
}

/** The adversary of a simulation: draws faults and carries them out. */
export class Faults {
  readonly counts = new Map<FaultKind, number>();
  readonly #cluster: Cluster;
  readonly #random: SeededRandom;

  constructor(cluster: Cluster, random: SeededRandom) {
    this.#cluster = cluster;
    this.#random = random;
  }

  /** One fault now; it is over by `untilMs`. */
  strike(untilMs: number): void {
    const fault = this.#draw();
    this.counts.set(fault.kind, (this.counts.get(fault.kind) ?? 0) + 1);
    fault.begin();
    const leftMs = untilMs - this.#cluster.nowMs();
    this.#cluster.world.after(Math.max(1, Math.min(fault.durationMs, leftMs)), fault.end);
  }

  /** Ends all faults: everything runs and reaches everything, and programs behave. */
  calm(): void {
    const cluster = this.#cluster;
    cluster.heal();
    cluster.weather(undefined);
    cluster.calm();
    for (const node of cluster.nodes()) {
      cluster.resume(node);
      cluster.restart(node);
    }
  }

  #draw(): Fault {
    const { agents, masters } = this.#cluster;
    const node = this.#random.pick(this.#cluster.nodes());
    const agent = this.#random.pick([...agents.keys()]);
    const master = this.#random.pick([...masters.keys()]);
    const kind = this.#random.below(100);
    if (kind < 20) return this.#crash(this.#random.pick([master, "marathon"]));
    if (kind < 40) return this.#crash(agent);
    if (kind < 46) return this.#boot(agent);
    if (kind < 60) return this.#pause(node);
    if (kind < 80) return this.#isolate(node);
    if (kind < 88) return this.#part(master, this.#random.pick([agent, "marathon"]));
    if (kind < 94) return this.#storm();
    return this.#delay(master, this.#random.pick([agent, "marathon"]));
  }

  /** Mostly short, sometimes longer than every timeout. */
  #durationMs(longMs: number): number {
    if (this.#random.chance(0.5)) return this.#random.between(10, 3 * secondMs);
    return this.#random.chance(0.5)
      ? this.#random.between(1, 30) * secondMs
      : this.#random.between(0.2, 1) * longMs;
  }

  #crash(node: string): Fault {
    const cluster = this.#cluster;
    return {
      kind: "crash",
      durationMs: this.#durationMs(60 * secondMs),
      begin: () => cluster.crash(node),
      end: () => cluster.restart(node),
    };
  }

  #boot(agent: string): Fault {
    const cluster = this.#cluster;
    return {
      kind: "boot",
      durationMs: this.#durationMs(120 * secondMs),
      begin: () => cluster.boot(agent),
      end: () => cluster.restart(agent),
    };
  }

  #pause(node: string): Fault {
    const cluster = this.#cluster;
    return {
      kind: "pause",
      durationMs: this.#durationMs(120 * secondMs),
      begin: () => cluster.pause(node),
      end: () => cluster.resume(node),
    };
  }

  #isolate(node: string): Fault {
    const cluster = this.#cluster;
    const direction = this.#random.pick(["both", "both", "out", "in"] as const);
    return {
      kind: "isolation",
      durationMs: this.#durationMs(180 * secondMs),
      begin: () => cluster.isolate(node, direction),
      end: () => cluster.heal(node),
    };
  }

  #part(one: string, other: string): Fault {
    const cluster = this.#cluster;
    return {
      kind: "partition",
      durationMs: this.#durationMs(180 * secondMs),
      begin: () => cluster.partition(one, other),
      end: () => {
        cluster.heal(one);
        cluster.heal(other);
      },
    };
  }

  #storm(): Fault {
    const cluster = this.#cluster;
    const weather = {
      loss: this.#random.between(0, 0.2),
      duplication: this.#random.between(0, 0.2),
      delayMsMax: this.#random.between(10, 2 * secondMs),
    };
    return {
      kind: "storm",
      durationMs: this.#durationMs(60 * secondMs),
      begin: () => cluster.weather(weather),
      end: () => cluster.weather(undefined),
    };
  }

  #delay(one: string, other: string): Fault {
    const cluster = this.#cluster;
    const delayMsMax = this.#random.between(100, 5 * secondMs);
    return {
      kind: "delay",
      durationMs: this.#durationMs(60 * secondMs),
      begin: () => cluster.delay(one, other, delayMsMax),
      end: () => cluster.delay(one, other, 1),
    };
  }
}
