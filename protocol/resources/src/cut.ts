import { assert } from "@tutti/base";
import type { Item, ResourceHead } from "./item.ts";
import { thousandths } from "./thousandths.ts";

/**
 * Items with the scalars that `isCounted` cut so that of each name no more is left than `roomOf` says;
 * undefined when nothing had to be cut. Rule RES21.
 */
export function cutItems(
  items: readonly Item[],
  roomOf: (name: string) => number | undefined,
  isCounted: (head: ResourceHead) => boolean,
): readonly Item[] | undefined {
  const rooms = new Map<string, number>();
  const left: Item[] = [];
  let isCut = false;
  for (const item of items) {
    const { kind, amount, count } = item;
    const { name } = kind.head;
    const room = rooms.get(name) ?? roomOf(name);
    if (amount.type !== "SCALAR" || room === undefined || !isCounted(kind.head)) {
      left.push(item);
      continue;
    }
    const kept = cutItem(item, room);
    if (kept !== undefined) left.push(kept);
    const keptAmount = kept?.amount.type === "SCALAR" ? kept.amount.thousandths * kept.count : 0;
    if (keptAmount < amount.thousandths * count) isCut = true;
    rooms.set(name, room - keptAmount);
  }
  return isCut ? left : undefined;
}

/** As much of a scalar as there is room for; undefined: nothing of it. */
function cutItem(item: Item, room: number): Item | undefined {
  const { kind, amount, count } = item;
  assert(amount.type === "SCALAR", "only scalars are cut");
  if (amount.thousandths * count <= room) return item;
  if (room <= 0) return undefined;
  if (!kind.isIndivisible) return kind.scalar({ type: "SCALAR", thousandths: thousandths(room) });
  const fitting = Math.floor(room / amount.thousandths);
  return fitting === 0 ? undefined : { kind, amount, count: fitting };
}
