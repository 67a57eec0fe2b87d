import { BinaryReader, WireType } from "@bufbuild/protobuf/wire";
import { base64Encode, ok, refuse, utf8Decode } from "@tutti/base";
import type { Result } from "@tutti/base";
import type { FieldDescriptor, MessageDescriptor } from "./descriptor.ts";
import { depthMax } from "./limits.ts";
import { describeMissing } from "./missing-required.ts";
import { setEntry } from "./parse-json.ts";
import type { CodecRefusal } from "./refusals.ts";
import { toInt64 } from "./scalars.ts";
import type { ScalarType } from "./schema-data.ts";
import { wireTypeOf } from "./to-protobuf.ts";
import { unknownFields } from "./unknown-fields.ts";
import type { UnknownField } from "./unknown-fields.ts";

type Draft = Record<string, unknown> & { [unknownFields]?: UnknownField[] };

/** One decoding under way. */
interface Decoding {
  readonly bytes: Uint8Array;
  readonly reader: BinaryReader;
  depth: number;
  missing: boolean;
}

/**
 * Reads a message from Protocol Buffers: repeated scalars packed or not, the last of several values
 * counts, several parts of one message are merged, unknown fields and unknown enum numbers are kept
 * for the way back. Refuses broken bytes, missing required fields and too deep nesting; never throws.
 * Rules MV12, MV13.
 */
export function fromProtobuf<T>(
  descriptor: MessageDescriptor<T>,
  bytes: Uint8Array,
): Result<T, CodecRefusal> {
  const decoding: Decoding = {
    bytes,
    reader: new BinaryReader(bytes, utf8Decode),
    depth: 0,
    missing: false,
  };
  const draft: Draft = {};
  try {
    readMessage(descriptor, draft, bytes.length, decoding);
  } catch (error) {
    if (decoding.depth > depthMax) return refuse("TOO_DEEP", `Messages may nest ${depthMax} deep`);
    return refuse("PROTOBUF_SYNTAX", `Failed to parse Protocol Buffers: ${textOf(error)}`);
  }
  if (decoding.missing) {
    const description = describeMissing(descriptor, draft);
    if (!description.endsWith(": ")) return refuse("MISSING_REQUIRED", description);
  }
  return ok(draft as T);
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : "unreadable";
}

function readMessage(
  descriptor: MessageDescriptor,
  draft: Draft,
  end: number,
  decoding: Decoding,
): void {
  const { reader } = decoding;
  decoding.depth += 1;
  if (decoding.depth > depthMax) throw new RangeError("nested too deep");
  if (end > reader.len) throw new RangeError("premature end");
  while (reader.pos < end) {
    const [number, wireType] = reader.tag();
    const field = descriptor.fieldByNumber.get(number);
    if (field === undefined || !readField(field, draft, wireType, decoding)) {
      keepUnknown(draft, number, wireType, reader);
    }
  }
  if (reader.pos !== end) throw new RangeError("a part reaches beyond its message");
  decoding.depth -= 1;
  for (const name of descriptor.required) if (draft[name] === undefined) decoding.missing = true;
}

function keepUnknown(draft: Draft, number: number, wireType: WireType, reader: BinaryReader): void {
  const bytes = reader.skip(wireType, number).slice();
  (draft[unknownFields] ??= []).push({ number, wireType, bytes });
}

/** False, with nothing read, when the field lies on the wire as something else. */
function readField(
  field: FieldDescriptor,
  draft: Draft,
  wireType: WireType,
  decoding: Decoding,
): boolean {
  const single = field.kind === "scalar" ? wireTypeOf(field.scalar) : wireTypeOfPart(field);
  const { reader } = decoding;
  if (field.label === "map") {
    if (wireType !== WireType.LengthDelimited) return false;
    readEntry(field, draft, decoding);
    return true;
  }
  if (wireType === single) {
    const value = readValue(field, draft, decoding);
    if (value !== undefined) put(field, draft, value);
    return true;
  }
  if (field.label !== "repeated" || wireType !== WireType.LengthDelimited) return false;
  const end = reader.uint32() + reader.pos;
  if (end > reader.len) throw new RangeError("premature end");
  while (reader.pos < end) {
    const value = readValue(field, draft, decoding);
    if (value !== undefined) put(field, draft, value);
  }
  if (reader.pos !== end) throw new RangeError("a part reaches beyond its message");
  return true;
}

function wireTypeOfPart(field: FieldDescriptor): WireType {
  return field.kind === "message" ? WireType.LengthDelimited : WireType.Varint;
}

function put(field: FieldDescriptor, draft: Draft, value: unknown): void {
  const before = draft[field.name];
  if (field.label !== "repeated") draft[field.name] = value;
  else if (before === undefined) draft[field.name] = [value];
  else (before as unknown[]).push(value);
}

/** Undefined when it is an enum number that the schema does not know: kept as an unknown field. */
function readValue(field: FieldDescriptor, draft: Draft, decoding: Decoding): unknown {
  const { reader } = decoding;
  switch (field.kind) {
    case "message": {
      const before =
        field.label === "repeated" ? undefined : (draft[field.name] as Draft | undefined);
      const part: Draft = before ?? {};
      const length = reader.uint32();
      readMessage(field.message, part, reader.pos + length, decoding);
      return part;
    }
    case "enum": {
      const start = reader.pos;
      const number = reader.int32();
      const name = field.enumType.nameByNumber.get(number);
      if (name === undefined) {
        const bytes = decoding.bytes.slice(start, reader.pos);
        const kept = { number: field.number, wireType: WireType.Varint, bytes };
        (draft[unknownFields] ??= []).push(kept);
      }
      return name;
    }
    case "scalar":
      return readScalar(field.scalar, reader);
  }
}

function readEntry(field: FieldDescriptor, draft: Draft, decoding: Decoding): void {
  const { reader } = decoding;
  const end = reader.uint32() + reader.pos;
  if (end > reader.len) throw new RangeError("premature end");
  let key = "";
  const entry: Draft = {};
  const single: FieldDescriptor = { ...field, label: "optional", name: "value" };
  while (reader.pos < end) {
    const [number, wireType] = reader.tag();
    if (number === 1 && wireType === WireType.LengthDelimited) key = reader.string();
    else if (number !== 2 || !readField(single, entry, wireType, decoding)) {
      reader.skip(wireType, number);
    }
  }
  if (reader.pos !== end) throw new RangeError("a part reaches beyond its message");
  const entries = (draft[field.name] ?? {}) as Draft;
  draft[field.name] = entries;
  setEntry(entries, key, entry["value"] ?? emptyValueOf(field, decoding));
}

/** An entry without a value has that of a message or scalar in which nothing is set. */
function emptyValueOf(field: FieldDescriptor, decoding: Decoding): unknown {
  if (field.kind !== "message") return "";
  if (field.message.fields.some(({ label }) => label === "required")) decoding.missing = true;
  return {};
}

function readScalar(type: ScalarType, reader: BinaryReader): unknown {
  switch (type) {
    case "string":
      return reader.string();
    case "bytes":
      return base64Encode(reader.bytes());
    case "bool":
      return reader.bool();
    case "double":
      return reader.double();
    case "int32":
      return reader.int32();
    case "uint32":
      return reader.uint32();
    case "int64":
      return toInt64(BigInt(reader.int64()));
    case "uint64":
      return toInt64(BigInt(reader.uint64()));
  }
}
