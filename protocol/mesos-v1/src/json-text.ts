import { ok, refuse } from "@tutti/base";
import type { Result } from "@tutti/base";
import { describeJsonSyntaxError } from "./json-syntax-error.ts";
import type { CodecRefusal } from "./refusals.ts";

/** A value parsed from JSON text. */
export interface ParsedJson {
  readonly value: unknown;
  /** Whether long whole numbers stand in it as `LongNumber`. */
  readonly hasLongNumbers: boolean;
}

/** Stands for a whole number of 16 digits or more, which a double might round. */
export interface LongNumber {
  readonly "#": string;
}

const longNumber = /([:,[]\s*)(-?[1-9]\d{15,24})(?=\s*[,}\]])/g;
const anyLongNumber = /\d{16}/;

/**
 * JSON text as a value. Of repeated keys the last one counts. Long whole numbers are marked before
 * the text is parsed, so that no digit is lost; a reviver that sees their source would be eight times
 * slower. Where the same digits stand within a string, the mark ends that string and breaks the text:
 * then, and only then, the text is parsed without marks.
 */
export function parseJsonText(text: string): Result<ParsedJson, CodecRefusal> {
  if (anyLongNumber.test(text)) {
    const marked = text.replace(longNumber, '$1{"#":"$2"}');
    if (marked.length !== text.length) {
      const value = tryParse(marked);
      if (value !== undefined) return ok({ value, hasLongNumbers: true });
      const exact = tryParse(text, keepDigits);
      if (exact !== undefined) return ok({ value: exact, hasLongNumbers: true });
    }
  }
  const value = tryParse(text);
  if (value === undefined) return refuse("JSON_SYNTAX", describeJsonSyntaxError(text));
  return ok({ value, hasLongNumbers: false });
}

/** The number of a mark; undefined for any other value. */
export function longNumberOf(value: object): bigint | undefined {
  const digits = (value as Partial<LongNumber>)["#"];
  return typeof digits === "string" && /^-?\d{1,25}$/.test(digits) ? BigInt(digits) : undefined;
}

interface ReviverContext {
  readonly source?: string;
}

type Reviver = (this: unknown, key: string, value: unknown, context: ReviverContext) => unknown;

/** Undefined for text that is no JSON; no JSON text means undefined. */
function tryParse(text: string, reviver?: Reviver): unknown {
  try {
    return (JSON.parse as (text: string, reviver?: Reviver) => unknown)(text, reviver);
  } catch {
    return undefined;
  }
}

function keepDigits(this: unknown, _key: string, value: unknown, context: ReviverContext): unknown {
  if (typeof value !== "number" || Number.isSafeInteger(value)) return value;
  const { source = "" } = context;
  return /^-?\d{1,25}$/.test(source) ? BigInt(source) : value;
}
