import { compareText, ok, refuse } from "@tutti/base";
import type { Result } from "@tutti/base";
import type { FieldDescriptor, MessageDescriptor } from "./descriptor.ts";
import { longNumberOf, parseJsonText } from "./json-text.ts";
import { depthMax } from "./limits.ts";
import { describeMissing } from "./missing-required.ts";
import { readEnum, readScalar, unexpected } from "./read-scalar.ts";
import type { CodecRefusal } from "./refusals.ts";

/** One parse under way; the first fault ends it. */
interface Reading {
  fault: string | undefined;
  tooDeep: boolean;
  missing: boolean;
  depth: number;
  /** Visits keys in their alphabetical order, as Mesos does: decides which of several faults is told. */
  readonly alphabetical: boolean;
  readonly hasLongNumbers: boolean;
}

type Draft = Record<string, unknown>;

/**
 * Reads a message from JSON text, or from a value that came of such text, as Mesos reads it: unknown
 * fields and nulls are ignored, the last of repeated keys counts, numbers and booleans may be strings,
 * enums are names, one element may stand for an array. Rules MV1 to MV6.
 *
 * Refuses with Mesos's texts, without the prefix `Failed to …` that each endpoint puts before them.
 */
export function parseJson<T>(
  descriptor: MessageDescriptor<T>,
  input: unknown,
): Result<T, CodecRefusal> {
  if (typeof input === "string") {
    const parsed = parseJsonText(input);
    if (!parsed.ok) return parsed;
    return parseJsonValue(descriptor, parsed.value.value, parsed.value.hasLongNumbers);
  }
  return parseJsonValue(descriptor, input, false);
}

function parseJsonValue<T>(
  descriptor: MessageDescriptor<T>,
  value: unknown,
  hasLongNumbers: boolean,
): Result<T, CodecRefusal> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return refuse("JSON_SHAPE", "Expecting a JSON object");
  }
  const reading = start(false, hasLongNumbers);
  const draft = readMessage(descriptor, value, reading);
  if (reading.fault !== undefined) {
    const again = start(true, hasLongNumbers);
    readMessage(descriptor, value, again);
    const code = again.tooDeep ? "TOO_DEEP" : "JSON_SHAPE";
    return refuse(code, again.fault ?? reading.fault);
  }
  if (reading.missing) return refuse("MISSING_REQUIRED", describeMissing(descriptor, draft));
  return ok(draft as T);
}

function start(alphabetical: boolean, hasLongNumbers: boolean): Reading {
  return {
    fault: undefined,
    tooDeep: false,
    missing: false,
    depth: 0,
    alphabetical,
    hasLongNumbers,
  };
}

function readMessage(descriptor: MessageDescriptor, source: object, reading: Reading): Draft {
  const draft: Draft = {};
  reading.depth += 1;
  if (isTooDeep(reading)) return draft;
  if (reading.alphabetical) {
    for (const { name } of descriptor.fields.toSorted(byName)) {
      readInto(descriptor, draft, source as Draft, name, reading);
    }
  } else {
    // What is there, not what could be: of most messages few fields are set.
    for (const name in source) readInto(descriptor, draft, source as Draft, name, reading);
  }
  if (reading.fault !== undefined) return draft;
  for (const name of descriptor.required) if (draft[name] === undefined) reading.missing = true;
  reading.depth -= 1;
  return draft;
}

function byName(left: FieldDescriptor, right: FieldDescriptor): number {
  return compareText(left.name, right.name);
}

/** Reads one field; nothing once there is a fault, of a null, or of a name that the schema does not know. */
function readInto(
  descriptor: MessageDescriptor,
  draft: Draft,
  source: Draft,
  name: string,
  reading: Reading,
): void {
  if (reading.fault !== undefined) return;
  const given = source[name];
  if (given === undefined || given === null) return;
  const field = descriptor.fieldByName.get(name);
  if (field === undefined) return;
  const value = readField(field, given, reading);
  if (value !== undefined) draft[name] = value;
}

function isTooDeep(reading: Reading): boolean {
  if (reading.depth <= depthMax) return false;
  reading.tooDeep = true;
  reading.fault = `Messages may nest ${depthMax} deep`;
  return true;
}

function readField(field: FieldDescriptor, marked: unknown, reading: Reading): unknown {
  const given = unmark(marked, reading);
  if (field.label === "map") {
    const entries: Draft = {};
    readEntries(field, given, entries, reading);
    return Object.keys(entries).length === 0 ? undefined : entries;
  }
  if (field.label === "repeated") {
    const items: unknown[] = [];
    readItems(field, given, items, reading);
    return items.length === 0 ? undefined : items;
  }
  return readOne(field, given, reading);
}

function readOne(field: FieldDescriptor, given: unknown, reading: Reading): unknown {
  if (field.kind === "message") {
    if (typeof given === "object" && given !== null && !Array.isArray(given)) {
      return readMessage(field.message, given, reading);
    }
    reading.fault = unexpected(given, field.name).fault;
    return undefined;
  }
  if (typeof given === "string") {
    if (field.kind === "enum" && field.enumType.numberByName.has(given)) return given;
    if (field.kind === "scalar" && field.scalar === "string") return given.toWellFormed();
  }
  const converted =
    field.kind === "enum"
      ? readEnum(field.enumType, given, field)
      : readScalar(field.scalar, given, field.name);
  if ("value" in converted) return converted.value;
  reading.fault = converted.fault;
  return undefined;
}

/** A long number that was marked in the text, or the value itself. */
function unmark(value: unknown, reading: Reading): unknown {
  if (!reading.hasLongNumbers || typeof value !== "object" || value === null) return value;
  return longNumberOf(value) ?? value;
}

/** One element may stand for an array, and arrays within arrays are joined. */
function readItems(
  field: FieldDescriptor,
  given: unknown,
  items: unknown[],
  reading: Reading,
): void {
  if (!Array.isArray(given)) {
    const value = given === null ? undefined : readOne(field, given, reading);
    if (value !== undefined) items.push(value);
    return;
  }
  reading.depth += 1;
  if (isTooDeep(reading)) return;
  for (const item of given as unknown[]) {
    if (reading.fault !== undefined) return;
    readItems(field, unmark(item, reading), items, reading);
  }
  reading.depth -= 1;
}

function readEntries(
  field: FieldDescriptor,
  given: unknown,
  entries: Draft,
  reading: Reading,
): void {
  if (typeof given !== "object" || given === null || Array.isArray(given)) {
    reading.fault = unexpected(given, field.name).fault;
    return;
  }
  for (const [key, item] of Object.entries(given)) {
    const value: unknown =
      item === null ? undefined : readOne(field, unmark(item, reading), reading);
    if (reading.fault !== undefined) return;
    if (value !== undefined) setEntry(entries, key.toWellFormed(), value);
  }
}

/** Also the key `__proto__` is only a key. */
export function setEntry(entries: Draft, key: string, value: unknown): void {
  if (key === "__proto__") {
    Object.defineProperty(entries, key, {
      value,
      writable: true,
      enumerable: true,
      configurable: true,
    });
  } else entries[key] = value;
}
