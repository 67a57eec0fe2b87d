import type { Style } from "../output.ts";
import { type Segment, segment } from "./line.ts";
import type { BoundedAmount } from "./top-view.ts";

/** The signs of a bar. */
export interface Glyphs {
  readonly used: string;
  readonly allocated: string;
  readonly free: string;
}

/** For terminals that show any character, and for all others. */
export const glyphs = {
  unicode: { used: "█", allocated: "▒", free: "·" },
  ascii: { used: "#", allocated: "=", free: "." },
} as const satisfies Readonly<Record<string, Glyphs>>;

/** A narrower bar tells nothing and is left out. */
export const barWidthMin = 5;

const almostFull = 0.9;

/** What is used, what is promised beyond that, and what is free, as a bar of so many signs. */
export function bar(
  amount: BoundedAmount | null,
  width: number,
  signs: Glyphs,
): readonly Segment[] {
  if (width < barWidthMin) return [];
  const inner = width - 2;
  if (amount === null) return [segment(" ".repeat(width))];
  const cells = (value: number): number => cellsOf(value, amount.total, inner);
  const used = cells(amount.used ?? 0);
  const allocated = Math.max(used, cells(amount.allocated));
  const share = amount.total > 0 ? (amount.used ?? 0) / amount.total : 0;
  const style: Style = share >= almostFull ? "red" : "green";
  return [
    segment("["),
    segment(signs.used.repeat(used), style),
    segment(signs.allocated.repeat(allocated - used), "yellow"),
    segment(signs.free.repeat(inner - allocated), "dim"),
    segment("]"),
  ];
}

/** Something is never shown as nothing. */
function cellsOf(value: number, total: number, width: number): number {
  if (value <= 0 || total <= 0) return 0;
  return Math.min(width, Math.max(1, Math.round((value / total) * width)));
}
