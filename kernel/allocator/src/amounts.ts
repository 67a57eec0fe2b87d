import type { Resources } from "@tutti/resources";
import { limits } from "./limits.ts";

/** Amounts per scalar kind, in thousandths; the place in the array is the kind's number, absent is 0. */
export type Amounts = readonly number[];

/** Numbers the scalar kinds (`cpus`, `mem` …) in the order in which they are met. */
export class ScalarKinds {
  readonly #numbers = new Map<string, number>();
  readonly #excluded: ReadonlySet<string>;

  /** Kinds in `excluded` never count for shares. */
  constructor(excluded: Iterable<string> = []) {
    this.#excluded = new Set(excluded);
  }

  get count(): number {
    return this.#numbers.size;
  }

  /** The kind's number, or undefined when it does not count for shares. */
  numberOf(name: string): number | undefined {
    const known = this.#numbers.get(name);
    if (known !== undefined) return known;
    if (this.#excluded.has(name) || this.#numbers.size >= limits.scalarKindsMax) return undefined;
    this.#numbers.set(name, this.#numbers.size);
    return this.#numbers.size - 1;
  }

  /** The scalars of `resources` that count for shares. */
  amountsOf(resources: Resources): Amounts {
    const amounts: number[] = [];
    resources.forEachScalar((name, thousandths) => {
      const kind = this.numberOf(name);
      if (kind === undefined) return;
      while (amounts.length <= kind) amounts.push(0);
      amounts[kind] = (amounts[kind] ?? 0) + thousandths;
    });
    return amounts;
  }
}

/** What the whole cluster has: what shares are shares of. */
export class ClusterTotal {
  readonly values = new Float64Array(limits.scalarKindsMax);
  /** Kinds from this number on there are none of. */
  kindCount = 0;
  /** Grows with every change: a sorter whose shares were computed at another version is out of date. */
  version = 0;

  add(amounts: Amounts): void {
    this.#change(amounts, 1);
  }

  subtract(amounts: Amounts): void {
    this.#change(amounts, -1);
  }

  #change(amounts: Amounts, sign: 1 | -1): void {
    let changed = false;
    for (let kind = 0; kind < amounts.length; kind += 1) {
      const amount = amounts[kind] ?? 0;
      if (amount === 0) continue;
      this.values[kind] = (this.values[kind] ?? 0) + sign * amount;
      if (kind >= this.kindCount) this.kindCount = kind + 1;
      changed = true;
    }
    if (changed) this.version += 1;
  }
}
