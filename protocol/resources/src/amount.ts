import type { Resource } from "@tutti/mesos-v1";
import { assert, compareText } from "@tutti/base";
import { addRanges, containsRanges, equalRanges, formatRanges, subtractRanges } from "./ranges.ts";
import type { Ranges } from "./ranges.ts";
import {
  addThousandths,
  formatThousandths,
  fromThousandths,
  subtractThousandths,
  zeroThousandths,
} from "./thousandths.ts";
import type { Thousandths } from "./thousandths.ts";

/** How much of one resource there is. Invariant: `items` are ascending and distinct. */
export type Amount =
  | { readonly type: "SCALAR"; readonly thousandths: Thousandths }
  | { readonly type: "RANGES"; readonly ranges: Ranges }
  | { readonly type: "SET"; readonly items: readonly string[] };

/** The union of two amounts of one type. */
export function addAmounts(left: Amount, right: Amount): Amount {
  if (left.type === "SCALAR" && right.type === "SCALAR") {
    return { type: "SCALAR", thousandths: addThousandths(left.thousandths, right.thousandths) };
  }
  if (left.type === "RANGES" && right.type === "RANGES") {
    return { type: "RANGES", ranges: addRanges(left.ranges, right.ranges) };
  }
  assert(left.type === "SET" && right.type === "SET", "amounts of one resource have one type");
  return { type: "SET", items: normaliseItems([...left.items, ...right.items]) };
}

/** What is left of `left` without `right`; never below nothing. */
export function subtractAmounts(left: Amount, right: Amount): Amount {
  if (left.type === "SCALAR" && right.type === "SCALAR") {
    const rest = subtractThousandths(left.thousandths, right.thousandths);
    return { type: "SCALAR", thousandths: rest < 0 ? zeroThousandths : rest };
  }
  if (left.type === "RANGES" && right.type === "RANGES") {
    return { type: "RANGES", ranges: subtractRanges(left.ranges, right.ranges) };
  }
  assert(left.type === "SET" && right.type === "SET", "amounts of one resource have one type");
  const gone = new Set(right.items);
  return { type: "SET", items: left.items.filter((item) => !gone.has(item)) };
}

/** Whether `left` has at least `right`. */
export function containsAmount(left: Amount, right: Amount): boolean {
  if (left.type === "SCALAR" && right.type === "SCALAR")
    return left.thousandths >= right.thousandths;
  if (left.type === "RANGES" && right.type === "RANGES")
    return containsRanges(left.ranges, right.ranges);
  if (left.type !== "SET" || right.type !== "SET") return false;
  const has = new Set(left.items);
  return right.items.every((item) => has.has(item));
}

/** Whether both are the same. */
export function equalAmounts(left: Amount, right: Amount): boolean {
  if (left.type === "SCALAR" && right.type === "SCALAR")
    return left.thousandths === right.thousandths;
  if (left.type === "RANGES" && right.type === "RANGES")
    return equalRanges(left.ranges, right.ranges);
  if (left.type !== "SET" || right.type !== "SET") return false;
  return (
    left.items.length === right.items.length &&
    left.items.every((item, at) => item === right.items[at])
  );
}

/** Whether there is nothing. */
export function isEmptyAmount(amount: Amount): boolean {
  switch (amount.type) {
    case "SCALAR":
      return amount.thousandths <= 0;
    case "RANGES":
      return amount.ranges.length === 0;
    case "SET":
      return amount.items.length === 0;
  }
}

/** Ascending, without repetition. */
export function normaliseItems(items: readonly string[]): readonly string[] {
  return [...new Set(items)].sort(compareText);
}

/** `0.5`, `[31000-32000]` or `{a, b}`. */
export function formatAmount(amount: Amount): string {
  switch (amount.type) {
    case "SCALAR":
      return formatThousandths(amount.thousandths);
    case "RANGES":
      return formatRanges(amount.ranges);
    case "SET":
      return `{${amount.items.join(", ")}}`;
  }
}

/** The value field of a resource message. */
export function amountToMessage(amount: Amount): Pick<Resource, "scalar" | "ranges" | "set"> {
  switch (amount.type) {
    case "SCALAR":
      return { scalar: { value: fromThousandths(amount.thousandths) } };
    case "RANGES":
      return { ranges: { range: amount.ranges } };
    case "SET":
      return { set: { item: amount.items } };
  }
}
