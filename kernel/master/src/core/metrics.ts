import type { FrameworkId } from "@tutti/ids";
import { Timing } from "./timing.ts";

/** Counters that only grow, by the names Mesos gives them without the prefix `master/`. */
export class MasterMetrics {
  readonly counters = new Map<string, number>();
  /** Per framework: names below `master/frameworks/<name>/<id>/`. */
  readonly byFramework = new Map<FrameworkId, Map<string, number>>();
  allocationRuns = 0;
  /** From the first change that wants an allocation to its run. */
  readonly allocationLatency = new Timing();

  count(name: string, times = 1): void {
    this.counters.set(name, (this.counters.get(name) ?? 0) + times);
  }

  countOf(id: FrameworkId, name: string, times = 1): void {
    let counters = this.byFramework.get(id);
    if (counters === undefined) {
      counters = new Map();
      this.byFramework.set(id, counters);
    }
    counters.set(name, (counters.get(name) ?? 0) + times);
  }
}
