import { limits } from "./limits.ts";

const percentiles = [
  ["p50", 0.5],
  ["p90", 0.9],
  ["p95", 0.95],
  ["p99", 0.99],
  ["p999", 0.999],
  ["p9999", 0.9999],
] as const;

/** How long something took: the last time, and over the last times. In milliseconds. */
export class Timing {
  /** The newest, in a ring. */
  readonly #samples: number[] = [];
  #next = 0;
  #last: number | undefined;

  add(ms: number): void {
    this.#last = ms;
    this.#samples[this.#next] = ms;
    this.#next = (this.#next + 1) % limits.timingSamplesMax;
  }

  /**
   * Under Mesos's names: the last time as `name`, and from two times on their `count`, `min`, `max`
   * and percentiles below it. Nothing while it has never been measured.
   */
  show(name: string, metrics: Map<string, number>): void {
    if (this.#last === undefined) return;
    metrics.set(name, this.#last);
    const sorted = this.#samples.toSorted((left, right) => left - right);
    const count = sorted.length;
    if (count < 2) return;
    metrics.set(`${name}/count`, count);
    metrics.set(`${name}/min`, sorted[0] ?? 0);
    metrics.set(`${name}/max`, sorted[count - 1] ?? 0);
    for (const [label, share] of percentiles) {
      metrics.set(`${name}/${label}`, percentileOf(sorted, share));
    }
  }
}

/** Between the two samples next to it, in proportion. */
function percentileOf(sorted: readonly number[], share: number): number {
  const position = share * (sorted.length - 1);
  const below = Math.floor(position);
  const low = sorted[below] ?? 0;
  const high = sorted[below + 1] ?? low;
  return low + (high - low) * (position - below);
}
