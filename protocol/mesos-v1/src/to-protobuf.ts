import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { assert, assertNever, base64Decode, present, utf8Encode } from "@tutti/base";
import type { FieldDescriptor, MessageDescriptor } from "./descriptor.ts";
import { fieldsByNumber } from "./missing-required.ts";
import type { ScalarType } from "./schema-data.ts";
import { unknownFieldsOf } from "./unknown-fields.ts";

type Fields = Readonly<Record<string, unknown>>;

const orders = new Map<MessageDescriptor, readonly FieldDescriptor[]>();

/**
 * A message in Protocol Buffers: fields by ascending number, repeated ones unpacked, as proto2 writes
 * them; unknown fields follow as they came. A message that lacks a required field, or holds what its
 * type forbids, is a bug. Rules MV12, MV13.
 */
export function toProtobuf<T>(descriptor: MessageDescriptor<T>, message: T): Uint8Array {
  const writer = new BinaryWriter(utf8Encode);
  writeMessage(descriptor, message as Fields, writer);
  return writer.finish();
}

function writeMessage(descriptor: MessageDescriptor, message: Fields, writer: BinaryWriter): void {
  for (const field of orderOf(descriptor)) {
    const value = message[field.name];
    if (value === undefined) {
      assert(field.label !== "required", `${descriptor.fullName}.${field.name} is required`);
    } else if (field.label === "repeated") {
      for (const item of value as readonly unknown[]) writeValue(field, item, writer);
    } else if (field.label === "map") writeEntries(field, value as Fields, writer);
    else writeValue(field, value, writer);
  }
  for (const { number, wireType, bytes } of unknownFieldsOf(message)) {
    writer.tag(number, wireType).raw(bytes);
  }
}

function orderOf(descriptor: MessageDescriptor): readonly FieldDescriptor[] {
  let order = orders.get(descriptor);
  if (order === undefined) {
    order = fieldsByNumber(descriptor);
    orders.set(descriptor, order);
  }
  return order;
}

function writeEntries(field: FieldDescriptor, entries: Fields, writer: BinaryWriter): void {
  for (const [key, value] of Object.entries(entries)) {
    writer.tag(field.number, WireType.LengthDelimited).fork();
    writer.tag(1, WireType.LengthDelimited).string(key);
    writeValue({ ...field, number: 2 }, value, writer);
    writer.join();
  }
}

function writeValue(field: FieldDescriptor, value: unknown, writer: BinaryWriter): void {
  switch (field.kind) {
    case "message":
      writer.tag(field.number, WireType.LengthDelimited).fork();
      writeMessage(field.message, value as Fields, writer);
      writer.join();
      return;
    case "enum": {
      const number = field.enumType.numberByName.get(value as string);
      writer.tag(field.number, WireType.Varint);
      writer.int32(present(number, `value ${String(value)} of ${field.enumType.fullName}`));
      return;
    }
    case "scalar":
      writer.tag(field.number, wireTypeOf(field.scalar));
      writeScalar(field.scalar, value, writer);
  }
}

/** How a scalar lies on the wire. */
export function wireTypeOf(type: ScalarType): WireType {
  switch (type) {
    case "string":
    case "bytes":
      return WireType.LengthDelimited;
    case "double":
      return WireType.Bit64;
    case "bool":
    case "int32":
    case "int64":
    case "uint32":
    case "uint64":
      return WireType.Varint;
  }
}

function writeScalar(type: ScalarType, value: unknown, writer: BinaryWriter): void {
  switch (type) {
    case "string":
      writer.string(value as string);
      return;
    case "bytes":
      writer.bytes(present(base64Decode(value as string), "canonical base64 in a bytes field"));
      return;
    case "bool":
      writer.bool(value as boolean);
      return;
    case "double":
      writer.double(value as number);
      return;
    case "int32":
      writer.int32(value as number);
      return;
    case "uint32":
      writer.uint32(value as number);
      return;
    case "int64":
      writer.int64(value as number | bigint);
      return;
    case "uint64":
      writer.uint64(value as number | bigint);
      return;
    default:
      assertNever(type);
  }
}
