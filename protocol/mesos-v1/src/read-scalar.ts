import { canonicalBase64 } from "./base64-text.ts";
import type { EnumDescriptor } from "./descriptor.ts";
import { parseJsonText } from "./json-text.ts";
import type { ScalarType } from "./schema-data.ts";
import { toInt64 } from "./scalars.ts";
import type { Int64 } from "./scalars.ts";

/** A converted value, or what Mesos says about it; `undefined` leaves the field unset. */
export type Converted = { readonly value: unknown } | { readonly fault: string };

const ranges = {
  int32: [-(2n ** 31n), 2n ** 31n - 1n],
  uint32: [0n, 2n ** 32n - 1n],
  int64: [-(2n ** 63n), 2n ** 63n - 1n],
  uint64: [0n, 2n ** 64n - 1n],
} as const;

/** Converts a JSON value (no object, array or null) to a scalar field called `name`. */
export function readScalar(type: ScalarType, value: unknown, name: string): Converted {
  switch (type) {
    case "string":
      return typeof value === "string" ? { value: value.toWellFormed() } : unexpected(value, name);
    case "bytes":
      return typeof value === "string" ? readBytes(value, name) : unexpected(value, name);
    case "bool":
      if (typeof value === "boolean") return { value };
      return typeof value === "string" ? readText(type, value, name) : unexpected(value, name);
    case "double":
    case "int32":
    case "int64":
    case "uint32":
    case "uint64":
      if (typeof value === "string") return readText(type, value, name);
      if (typeof value !== "number" && typeof value !== "bigint") return unexpected(value, name);
      return type === "double" ? readDouble(value, name) : readInteger(type, value, name);
  }
}

/**
 * Converts a JSON value to an enum field. A name that the enum lacks leaves an optional field unset,
 * as Protocol Buffers do with numbers they do not know.
 */
export function readEnum(
  type: EnumDescriptor,
  value: unknown,
  field: { readonly name: string; readonly label: string },
): Converted {
  if (typeof value !== "string") return unexpected(value, field.name);
  if (type.numberByName.has(value)) return { value };
  return field.label === "required"
    ? { fault: `Failed to find enum for '${value}'` }
    : { value: undefined };
}

/** `Not expecting a JSON number for field 'path'` */
export function unexpected(value: unknown, name: string): { readonly fault: string } {
  return { fault: `Not expecting a JSON ${kindOf(value)} for field '${name}'` };
}

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return "array";
  return typeof value === "bigint" ? "number" : typeof value;
}

/** Numbers and booleans may come as strings. */
function readText(type: ScalarType, text: string, name: string): Converted {
  const kind = type === "bool" ? "boolean" : "number";
  if (kind === "number" && /^-?\d{16,25}$/.test(text)) return readScalar(type, BigInt(text), name);
  const parsed = parseJsonText(text);
  if (!parsed.ok) {
    return {
      fault: `Failed to parse '${text}' as a JSON ${kind} for field '${name}': ${parsed.error.message}`,
    };
  }
  const { value } = parsed.value;
  return kindOf(value) !== kind
    ? {
        fault: `Failed to parse '${text}' as a JSON ${kind} for field '${name}': Unexpected JSON type parsed`,
      }
    : readScalar(type, value, name);
}

function readBytes(text: string, name: string): Converted {
  const canonical = canonicalBase64(text);
  return "text" in canonical
    ? { value: canonical.text }
    : {
        fault: `Failed to base64 decode bytes field '${name}': Invalid character '${canonical.invalid}'`,
      };
}

function readDouble(value: number | bigint, name: string): Converted {
  const number = Number(value);
  return Number.isFinite(number) ? { value: number } : outOfRange(value, name);
}

/** Fractions are cut off, as Mesos casts them. */
function readInteger(type: keyof typeof ranges, value: Int64, name: string): Converted {
  if (typeof value === "number" && !Number.isFinite(value)) return outOfRange(value, name);
  const whole = typeof value === "number" ? Math.trunc(value) + 0 : value;
  const [least, most] = ranges[type];
  if (whole < least || whole > most) return outOfRange(value, name);
  return { value: Number.isSafeInteger(whole) ? whole : toInt64(BigInt(whole)) };
}

function outOfRange(value: number | bigint, name: string): Converted {
  return { fault: `Number ${value} is out of range for field '${name}'` };
}
