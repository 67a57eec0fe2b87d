import type { Style } from "../output.ts";

/** A piece of a line in one style. */
export interface Segment {
  readonly text: string;
  readonly style?: Style;
}

/** A line of the screen, not yet cut to its width. */
export type Line = readonly Segment[];

/** A piece of a line. */
export function segment(text: string, style?: Style): Segment {
  return style === undefined ? { text } : { text, style };
}

/** A line in the terminal's colours, at most `columns` wide, without trailing blanks. */
export function paintLine(
  line: Line,
  columns: number,
  paint: (style: Style, text: string) => string,
): string {
  let left = columns;
  const shown: Segment[] = [];
  for (const { text, style } of line) {
    const cut = text.slice(0, left);
    left -= cut.length;
    if (cut !== "") shown.push(segment(cut, style));
  }
  for (let last = shown.at(-1); last !== undefined; last = shown.at(-1)) {
    const text = last.text.trimEnd();
    if (text !== "") {
      shown[shown.length - 1] = { ...last, text };
      break;
    }
    shown.pop();
  }
  return shown.map(({ text, style }) => (style === undefined ? text : paint(style, text))).join("");
}

/** A text in a field: cut with a mark when it is longer. */
export function field(text: string, width: number, side: "left" | "right" = "left"): string {
  if (text.length > width)
    return width <= 1 ? text.slice(0, width) : `${text.slice(0, width - 1)}~`;
  return side === "left" ? text.padEnd(width) : text.padStart(width);
}
