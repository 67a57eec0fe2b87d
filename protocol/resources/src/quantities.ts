import { compareText } from "@tutti/base";
import { formatThousandths, thousandths, zeroThousandths } from "./thousandths.ts";
import type { Thousandths } from "./thousandths.ts";

/**
 * How much of each scalar resource there is, whoever it belongs to: what DRF, quota and filters count.
 * Immutable. Invariant: names are ascending and distinct, amounts above zero.
 */
export class Quantities {
  /** Nothing of anything. */
  static readonly empty: Quantities = new Quantities([], []);
  readonly #names: readonly string[];
  readonly #amounts: readonly Thousandths[];

  private constructor(names: readonly string[], amounts: readonly Thousandths[]) {
    this.#names = names;
    this.#amounts = amounts;
  }

  /** Sums entries of any order; what is not above zero in the end is left out. */
  static of(entries: Iterable<readonly [name: string, amount: Thousandths]>): Quantities {
    const sums = new Map<string, number>();
    for (const [name, amount] of entries) sums.set(name, (sums.get(name) ?? 0) + amount);
    const names: string[] = [];
    const amounts: Thousandths[] = [];
    for (const [name, sum] of sums) {
      if (sum <= 0) continue;
      // Put in its place: there are few, and most come in order.
      let at = names.length;
      while (at > 0 && compareText(names[at - 1] ?? "", name) > 0) at -= 1;
      names.splice(at, 0, name);
      amounts.splice(at, 0, thousandths(sum));
    }
    return new Quantities(names, amounts);
  }

  get isEmpty(): boolean {
    return this.#names.length === 0;
  }

  /** Ascending. */
  get names(): readonly string[] {
    return this.#names;
  }

  /** Zero when there is none. */
  get(name: string): Thousandths {
    return this.#amounts[this.#names.indexOf(name)] ?? zeroThousandths;
  }

  /** By ascending name. */
  entries(): readonly (readonly [name: string, amount: Thousandths])[] {
    return this.#names.map((name, index) => [name, this.#amounts[index] ?? zeroThousandths]);
  }

  add(other: Quantities): Quantities {
    if (other.isEmpty) return this;
    return this.isEmpty ? other : Quantities.of([...this.entries(), ...other.entries()]);
  }

  /** Never below zero. */
  subtract(other: Quantities): Quantities {
    if (other.isEmpty) return this;
    return Quantities.of(
      this.entries().map(([name, amount]) => {
        const rest = amount - other.get(name);
        return [name, rest > 0 ? thousandths(rest) : zeroThousandths];
      }),
    );
  }

  /** Whether there is at least as much of everything as in `other`. */
  contains(other: Quantities): boolean {
    return other.entries().every(([name, amount]) => this.get(name) >= amount);
  }

  equals(other: Quantities): boolean {
    return (
      this.#names.length === other.#names.length &&
      this.#names.every(
        (name, index) =>
          name === other.#names[index] && this.#amounts[index] === other.#amounts[index],
      )
    );
  }

  /** `cpus:0.5; mem:128`, and `{}` for nothing. */
  toString(): string {
    if (this.isEmpty) return "{}";
    return this.entries()
      .map(([name, amount]) => `${name}:${formatThousandths(amount)}`)
      .join("; ");
  }
}
