import type { FrameworkId } from "@tutti/ids";
import { Timing } from "./timing.ts";

/** The counters that are named after a type, each text made once. Bounded by the types there are. */
const typeCounters = new Map<string, Map<string, string>>();

/** The name of the counter of a type of event, call or operation: `events/update`. */
export function counterOf(group: "events" | "calls" | "operations", type: string): string {
  let names = typeCounters.get(group);
  if (names === undefined) {
    names = new Map();
    typeCounters.set(group, names);
  }
  let name = names.get(type);
  if (name === undefined) {
    name = `${group}/${type.toLowerCase()}`;
    names.set(type, name);
  }
  return name;
}

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
