import { ok, refuse } from "@tutti/base";
import type { Refusal, Result } from "@tutti/base";
import type { Value, ValueRange } from "@tutti/mesos-v1";

/** Text that is no value, or no list of resources or attributes. */
export type TextRefusal = Refusal<"INVALID_TEXT">;

/**
 * Reads a value of `--resources` or `--attributes`: `[1-3, 5-5]` is ranges, `{a, b}` a set, a number a
 * scalar, all else text. Spaces do not count. Rule RES8.
 */
export function parseValue(text: string): Result<Value, TextRefusal> {
  const compact = text.replaceAll(" ", "");
  if (compact === "") return refuse("INVALID_TEXT", "Expecting non-empty string");
  for (const [open, close] of ["{}", "[]", "()"]) {
    if (count(compact, open ?? "") !== count(compact, close ?? "")) {
      return refuse("INVALID_TEXT", "Mismatched brackets");
    }
  }
  if (compact.startsWith("[")) return parseRanges(text, compact);
  if (compact.includes("[")) return refuse("INVALID_TEXT", `Unexpected '[' found in '${text}'`);
  if (compact.startsWith("{")) {
    return ok({ type: "SET", set: { item: tokens(compact.slice(1).replaceAll("}", ","), ",") } });
  }
  if (compact.includes("{")) return refuse("INVALID_TEXT", `Unexpected '{' found in '${text}'`);
  const number = parseDecimal(compact);
  return ok(
    number === undefined
      ? { type: "TEXT", text: { value: compact } }
      : { type: "SCALAR", scalar: { value: number } },
  );
}

/** The pieces of `text` between any of the characters of `separators`, without the empty ones. */
export function tokens(text: string, separators: string): string[] {
  const pieces: string[] = [];
  let piece = "";
  for (const character of text) {
    if (!separators.includes(character)) piece += character;
    else if (piece !== "") {
      pieces.push(piece);
      piece = "";
    }
  }
  return piece === "" ? pieces : [...pieces, piece];
}

function parseRanges(text: string, compact: string): Result<Value, TextRefusal> {
  const range: ValueRange[] = [];
  for (const part of tokens(compact, "[],")) {
    const ends = /^(\d+)-(\d+)$/.exec(part);
    const begin = Number(ends?.[1] ?? "");
    const end = Number(ends?.[2] ?? "");
    if (ends === null || !Number.isSafeInteger(begin) || !Number.isSafeInteger(end)) {
      return refuse(
        "INVALID_TEXT",
        `Expecting one or more "ranges" of non-negative integers in '${text}', such as [31000-32000]`,
      );
    }
    range.push({ begin, end });
  }
  return ok({ type: "RANGES", ranges: { range } });
}

function parseDecimal(text: string): number | undefined {
  return /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/.test(text) ? Number(text) : undefined;
}

function count(text: string, character: string): number {
  return text.split(character).length - 1;
}
