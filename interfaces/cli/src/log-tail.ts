import { ok } from "@tutti/base";
import { limits } from "./limits.ts";
import type { Outcome } from "./refusal.ts";
import type { RemoteFile } from "./remote-file.ts";

/** How many lines to begin with. */
export type LineCount = number | "all";

/** The end of a log, and where it ends. */
export interface Tail {
  /** Whole lines and perhaps the beginning of one. */
  readonly text: string;
  readonly nextOffset: number;
}

const firstWindowBytes = 16 * 1024;

/** The last lines of a file as it is at this moment. */
export async function readTail(file: RemoteFile, count: LineCount): Promise<Outcome<Tail>> {
  const size = await file.size();
  if (!size.ok) return size;
  const end = size.value;
  if (count === "all") {
    const text = await file.readAll(0, end);
    return text.ok ? ok({ text: text.value, nextOffset: end }) : text;
  }
  const windowMax = Math.min(end, limits.logTailBytesMax);
  for (
    let window = Math.min(firstWindowBytes, windowMax);
    ;
    window = Math.min(window * 4, windowMax)
  ) {
    const text = await file.readAll(end - window, end);
    if (!text.ok) return text;
    const tail = lastLines(text.value, { count, isWhole: window === end });
    if (tail !== undefined) return ok({ text: tail, nextOffset: end });
    if (window === windowMax) return ok({ text: text.value, nextOffset: end });
  }
}

/** The last lines of a text; undefined when more must be read to know them. */
function lastLines(
  text: string,
  { count, isWhole }: { readonly count: number; readonly isWhole: boolean },
): string | undefined {
  if (count === 0) return "";
  let at = text.endsWith("\n") ? text.length - 1 : text.length;
  for (let found = 0; found < count; found += 1) {
    at = text.lastIndexOf("\n", at - 1);
    if (at < 0) return isWhole ? text : undefined;
  }
  return text.slice(at + 1);
}

/** How many lines a text has, the last one whole or not. */
export function countLines(text: string): number {
  const ends = text.split("\n").length - 1;
  return text === "" || text.endsWith("\n") ? ends : ends + 1;
}

/** Cuts text that arrives in pieces into lines. */
export class LineCutter {
  #rest = "";

  /** The lines that are complete. */
  cut(text: string): string[] {
    const lines = (this.#rest + text).split("\n");
    this.#rest = lines.pop() ?? "";
    if (this.#rest.length > limits.logLineBytesMax) lines.push(...this.end());
    return lines.map(withoutReturn);
  }

  /** What is left without a line's end. */
  end(): string[] {
    const rest = this.#rest;
    this.#rest = "";
    return rest === "" ? [] : [withoutReturn(rest)];
  }
}

function withoutReturn(line: string): string {
  return line.endsWith("\r") ? line.slice(0, -1) : line;
}
