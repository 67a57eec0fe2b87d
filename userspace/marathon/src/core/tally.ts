import { classOf, isReady } from "./instance.ts";
import type { Instance } from "./instance.ts";

/**
 * The instances of one app, counted by what matters for its decisions, so that a status update costs
 * the same with three instances and with fifty thousand.
 *
 * Invariant: equals a count from scratch over the same instances and configuration.
 */
export class Tally {
  /** Of the configuration that is to run. */
  current = 0;
  currentReady = 0;
  /** Of any other configuration. */
  outdated = 0;
  outdatedReady = 0;
  /** Decommissioned, on agents that are there. */
  killing = 0;
  away = 0;

  /** Meant to run, whatever the configuration. */
  get live(): number {
    return this.current + this.outdated;
  }

  /** All that take a place: meant to run, or not gone yet. */
  get occupied(): number {
    return this.live + this.killing;
  }

  get ready(): number {
    return this.currentReady + this.outdatedReady;
  }

  /** Adds (`sign` 1) or removes (`sign` -1) one instance. */
  count(instance: Instance, configVersion: string, sign: 1 | -1): void {
    const kind = classOf(instance);
    if (kind === "away") this.away += sign;
    else if (kind === "killing") this.killing += sign;
    else {
      const ready = isReady(instance) ? sign : 0;
      if (instance.configVersion === configVersion) {
        this.current += sign;
        this.currentReady += ready;
      } else {
        this.outdated += sign;
        this.outdatedReady += ready;
      }
    }
  }
}

/** Counts from scratch. */
export function tallyOf(instances: Iterable<Instance>, configVersion: string): Tally {
  const tally = new Tally();
  for (const instance of instances) tally.count(instance, configVersion, 1);
  return tally;
}
