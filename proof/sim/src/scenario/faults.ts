import type { Cluster } from "@tutti/simulator";
import type { SeededRandom } from "@tutti/testkit";
import { drawFault } from "./draw-fault.ts";
import { faultKinds } from "./fault-kinds.ts";
import type { FaultKind } from "./fault-kinds.ts";

/** The adversary of a simulation: draws faults and carries them out. */
export class Faults {
  readonly counts = new Map<FaultKind, number>();
  readonly #cluster: Cluster;
  readonly #random: SeededRandom;
  readonly #kinds: readonly FaultKind[];

  constructor(cluster: Cluster, random: SeededRandom) {
    this.#cluster = cluster;
    this.#random = random;
    this.#kinds = faultKinds.flatMap(({ kind, weight }) =>
      Array.from({ length: weight }, () => kind),
    );
  }

  /** One fault now; it is over by `untilMs`. */
  strike(untilMs: number): void {
    const cluster = this.#cluster;
    const kind = this.#random.pick(this.#kinds);
    const fault = drawFault(kind, cluster, this.#random);
    this.counts.set(kind, (this.counts.get(kind) ?? 0) + 1);
    fault.begin();
    if (fault.end === undefined) return;
    const leftMs = untilMs - cluster.nowMs();
    cluster.world.after(Math.max(1, Math.min(fault.durationMs, leftMs)), fault.end);
  }

  /** Ends all faults: everything runs and reaches everything, and programs behave. */
  calm(): void {
    const cluster = this.#cluster;
    cluster.calm();
    for (const node of cluster.nodes()) {
      cluster.resume(node);
      cluster.restart(node);
    }
  }
}
