import { namesNodeOf } from "@tutti/simulator";
import type { Cluster } from "@tutti/simulator";
import type { SeededRandom } from "@tutti/testkit";

const secondMs = 1_000;
const reregisterMsMax = 60 * secondMs;

/** What befalls names and virtual IPs besides what befalls the rest of the cluster. */
const kinds = [
  "discovery dies",
  "discovery stands still",
  "names die",
  "names stand still",
  "discovery is away from machines",
  "discovery is away from masters",
  "machine is away",
  "machine boots",
  "clock jump",
  "flushed tables",
  "kernel refuses",
  "slow failover",
] as const;

type NamesFault = (typeof kinds)[number];

/** The adversary of names: draws faults and carries them out; all are over by the time it was told. */
export class NamesFaults {
  readonly counts = new Map<NamesFault, number>();
  readonly #cluster: Cluster;
  readonly #random: SeededRandom;

  constructor(cluster: Cluster, random: SeededRandom) {
    this.#cluster = cluster;
    this.#random = random;
  }

  /** One fault now; it is over by `untilMs`. */
  strike(untilMs: number): void {
    const kind = this.#random.pick(kinds);
    this.counts.set(kind, (this.counts.get(kind) ?? 0) + 1);
    this.#begin(kind, untilMs);
  }

  #begin(kind: NamesFault, untilMs: number): void {
    const cluster = this.#cluster;
    const machine = this.#random.pick([...(cluster.names?.machines.keys() ?? [])]);
    const agent = this.#random.pick([...cluster.agents.keys()]);
    const node = namesNodeOf(machine);
    switch (kind) {
      case "discovery dies":
        return this.#crash("discovery", untilMs);
      case "discovery stands still":
        return this.#pause("discovery", untilMs);
      case "names die":
        return this.#crash(node, untilMs);
      case "names stand still":
        return this.#pause(node, untilMs);
      case "discovery is away from machines":
        return this.#part("discovery", [...(cluster.names?.processes.keys() ?? [])], untilMs);
      case "discovery is away from masters":
        return this.#part("discovery", [...cluster.masters.keys()], untilMs);
      case "machine is away":
        cluster.isolate(agent, "both");
        cluster.isolate(namesNodeOf(agent), "both");
        return this.#later(60, untilMs, () => {
          cluster.heal(agent);
          cluster.heal(namesNodeOf(agent));
        });
      case "machine boots":
        cluster.boot(agent);
        return this.#later(60, untilMs, () => cluster.restart(agent));
      case "clock jump":
        return cluster.jumpClock(this.#random.chance(0.5) ? "discovery" : node, this.#jumpMs());
      case "flushed tables":
        return cluster.names?.machines.get(machine)?.flushTables();
      case "kernel refuses":
        return this.#refuse(machine, untilMs);
      case "slow failover":
        return this.#failOver(untilMs);
    }
  }

  /** The masters lose their leader, and agents find the new one over a minute. */
  #failOver(untilMs: number): void {
    const cluster = this.#cluster;
    const leader = [...cluster.masters].find(([, master]) => master.epoch() !== undefined)?.[0];
    if (leader === undefined) return;
    cluster.crash(leader);
    this.#later(5, untilMs, () => cluster.restart(leader));
    for (const agent of cluster.agents.keys()) {
      for (const master of cluster.masters.keys()) {
        cluster.network.cut(agent, master);
        cluster.network.cut(master, agent);
      }
      const backMs = Math.min(this.#random.below(reregisterMsMax), this.#leftMs(untilMs));
      cluster.world.after(backMs, () => {
        for (const master of cluster.masters.keys()) {
          cluster.network.mend(agent, master);
          cluster.network.mend(master, agent);
        }
      });
    }
  }

  /** The kernel of a machine takes nothing that virtual IPs need. */
  #refuse(machine: string, untilMs: number): void {
    const kernel = this.#cluster.names?.machines.get(machine)?.kernel;
    if (kernel === undefined) return;
    kernel.refusal = "Device or resource busy";
    this.#later(60, untilMs, () => {
      kernel.refusal = undefined;
    });
  }

  #crash(node: string, untilMs: number): void {
    this.#cluster.crash(node);
    this.#later(30, untilMs, () => this.#cluster.restart(node));
  }

  #pause(node: string, untilMs: number): void {
    this.#cluster.pause(node);
    this.#later(30, untilMs, () => this.#cluster.resume(node));
  }

  #part(one: string, others: readonly string[], untilMs: number): void {
    const { network } = this.#cluster;
    const chosen = others.filter((other) => other !== one && this.#random.chance(0.7));
    for (const other of chosen) this.#cluster.partition(one, other);
    this.#later(90, untilMs, () => {
      for (const other of chosen) {
        network.mend(one, other);
        network.mend(other, one);
      }
    });
  }

  #later(longS: number, untilMs: number, end: () => void): void {
    const ms = this.#random.between(0.02, 1) * longS * secondMs;
    this.#cluster.world.after(Math.max(1, Math.min(ms, this.#leftMs(untilMs))), end);
  }

  #leftMs(untilMs: number): number {
    return Math.max(1, untilMs - this.#cluster.nowMs());
  }

  #jumpMs(): number {
    const mostMs = this.#random.pick([2, 120, 3_600]) * secondMs;
    return this.#random.between(-mostMs, mostMs);
  }
}
