import { assert } from "@tutti/base";
import type { Brand } from "@tutti/base";

/**
 * An amount of a scalar resource in thousandths of its unit: 0.5 cpus are 500.
 * Invariant: a safe integer, so sums and comparisons are exact.
 */
export type Thousandths = Brand<number, "Thousandths">;

/** Nothing of a resource. */
export const zeroThousandths = 0 as Thousandths;

/** Rounds an amount in units to thousandths, halves away from zero; undefined when it is no safe amount. */
export function toThousandths(amount: number): Thousandths | undefined {
  const rounded = amount < 0 ? -Math.round(-amount * 1000) : Math.round(amount * 1000);
  return Number.isSafeInteger(rounded) ? ((rounded + 0) as Thousandths) : undefined;
}

/** The amount in units, as messages carry it. */
export function fromThousandths(thousandths: Thousandths): number {
  return thousandths / 1000;
}

/** Marks an integer that is known to count thousandths. */
export function thousandths(count: number): Thousandths {
  assert(Number.isSafeInteger(count), "thousandths are a safe integer");
  return count as Thousandths;
}

/** The sum; both sides and the result are safe integers. */
export function addThousandths(left: Thousandths, right: Thousandths): Thousandths {
  return thousandths(left + right);
}

/** The difference; may be negative. */
export function subtractThousandths(left: Thousandths, right: Thousandths): Thousandths {
  return thousandths(left - right);
}

/** The shortest decimal text: `0.5`, `4`, `-1.001`. */
export function formatThousandths(amount: Thousandths): string {
  const digits = Math.abs(amount).toString().padStart(4, "0");
  const fraction = digits.slice(-3).replace(/0+$/, "");
  const whole = `${amount < 0 ? "-" : ""}${digits.slice(0, -3)}`;
  return fraction === "" ? whole : `${whole}.${fraction}`;
}
