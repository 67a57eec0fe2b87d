import { addAmounts, isEmptyAmount, subtractAmounts } from "./amount.ts";
import type { Item } from "./item.ts";

/** So many items are compared each with each; more go through an index. */
export const comparedMax = 32;

/** The sum of many items, through an index. */
export function collectMany(items: readonly Item[]): Item[] {
  const byKey = new Map<string, Item>();
  for (const item of items) {
    if (isNothing(item)) continue;
    const known = byKey.get(item.kind.key);
    byKey.set(item.kind.key, known === undefined ? item : join(known, item));
  }
  return [...byKey.values()];
}

/** Adds an item to a sum, in place. */
export function put(sum: Item[], item: Item): void {
  if (isNothing(item)) return;
  for (let at = 0; at < sum.length; at += 1) {
    const mine = sum[at];
    if (mine === undefined || !isSameKind(mine, item)) continue;
    sum[at] = join(mine, item);
    return;
  }
  sum.push(item);
}

/** The item of the same kind. */
export function find(items: readonly Item[], like: Item): Item | undefined {
  for (const item of items) if (isSameKind(item, like)) return item;
  return undefined;
}

function isSameKind(left: Item, right: Item): boolean {
  return left.kind === right.kind || left.kind.key === right.kind.key;
}

/** Whether an item is empty. */
export function isNothing(item: Item): boolean {
  return item.count <= 0 || isEmptyAmount(item.amount);
}

function join(left: Item, right: Item): Item {
  const { kind, amount, count } = left;
  if (kind.isIndivisible) return { kind, amount, count: count + right.count };
  return { kind, amount: addAmounts(amount, right.amount), count };
}

/** What is left of an item without another of its kind. */
export function split(left: Item, right: Item): Item {
  const { kind, amount, count } = left;
  if (kind.isIndivisible) return { kind, amount, count: Math.max(0, count - right.count) };
  return { kind, amount: subtractAmounts(amount, right.amount), count };
}
