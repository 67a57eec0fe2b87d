import { ok, refuse } from "@tutti/base";
import type { Result } from "@tutti/base";
import { describeJsonSyntaxError } from "./json-syntax-error.ts";
import type { CodecRefusal } from "./refusals.ts";

interface ReviverContext {
  readonly source?: string;
}

type Reviver = (this: unknown, key: string, value: unknown, context: ReviverContext) => unknown;
const parseWithSource = JSON.parse as (text: string, reviver?: Reviver) => unknown;
/** Only such a number can lie beyond the safe integers; then digits must be kept. */
const longNumber = /\d{16}/;

/**
 * JSON text as a value. Whole numbers beyond 2^53 become `bigint`, so that nothing is lost. Of
 * repeated keys the last one counts.
 */
export function parseJsonText(text: string): Result<unknown, CodecRefusal> {
  try {
    return ok(longNumber.test(text) ? parseWithSource(text, keepDigits) : parseWithSource(text));
  } catch {
    return refuse("JSON_SYNTAX", describeJsonSyntaxError(text));
  }
}

function keepDigits(this: unknown, _key: string, value: unknown, context: ReviverContext): unknown {
  if (typeof value !== "number" || Number.isSafeInteger(value)) return value;
  const { source = "" } = context;
  return /^-?\d{1,30}$/.test(source) ? BigInt(source) : value;
}
