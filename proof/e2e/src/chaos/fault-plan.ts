import type { SeededRandom } from "@tutti/testkit";

/** A fault as the seed has it: what it meets is decided by `at`, a share from 0 to 1 of the candidates there are. */
export type PlannedFault =
  | { readonly type: "killProcess"; readonly at: number }
  | { readonly type: "stopProcess"; readonly at: number; readonly forMs: number }
  | { readonly type: "cutMachine"; readonly at: number; readonly forMs: number }
  | { readonly type: "killTask"; readonly at: number }
  | { readonly type: "stopTask"; readonly at: number; readonly forMs: number };

/** A fault, and how long it is quiet after it. */
export interface PlannedStep {
  readonly fault: PlannedFault;
  readonly pauseMs: number;
}

/** The longest times that a process may stand still and a machine may be cut off. */
export interface Bounds {
  readonly stoppedMsMax: number;
  readonly cutMsMax: number;
}

const kinds = [
  ...Array.from({ length: 3 }, () => "killProcess" as const),
  ...Array.from({ length: 3 }, () => "stopProcess" as const),
  ...Array.from({ length: 2 }, () => "cutMachine" as const),
  ...Array.from({ length: 2 }, () => "killTask" as const),
  ...Array.from({ length: 2 }, () => "stopTask" as const),
];
const pauseMs = { min: 500, max: 4_000 };
/** The shortest time for which anything stands still or is cut off. */
const shortestMs = 500;
/** A task whose health is checked is given up after 8 to 15 s: some recover before, some are replaced. */
const taskStoppedMsMax = 25_000;

/**
 * The faults of a seed, one after another. Each takes as many numbers from `random`, so that what the cluster looks
 * like changes whom a fault meets, and never which faults follow.
 */
export class FaultPlan {
  readonly #random: SeededRandom;
  readonly #bounds: Bounds;

  constructor(random: SeededRandom, bounds: Bounds) {
    this.#random = random;
    this.#bounds = bounds;
  }

  next(): PlannedStep {
    const type = this.#random.pick(kinds);
    const at = this.#random.next();
    const long = this.#random.next();
    const pause = this.#random.between(pauseMs.min, pauseMs.max);
    return { fault: this.#fault(type, at, long), pauseMs: pause };
  }

  #fault(type: PlannedFault["type"], at: number, long: number): PlannedFault {
    const upTo = (maxMs: number): number => shortestMs + long * (maxMs - shortestMs);
    switch (type) {
      case "killProcess":
      case "killTask":
        return { type, at };
      case "stopProcess":
        return { type, at, forMs: upTo(this.#bounds.stoppedMsMax) };
      case "cutMachine":
        return { type, at, forMs: upTo(this.#bounds.cutMsMax) };
      case "stopTask":
        return { type, at, forMs: upTo(taskStoppedMsMax) };
    }
  }
}

/** The candidate that a fault meets; undefined when there is none. */
export function candidateAt<T>(candidates: readonly T[], at: number): T | undefined {
  return candidates[Math.floor(at * candidates.length)];
}
