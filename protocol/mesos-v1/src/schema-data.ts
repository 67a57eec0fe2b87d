/** Wire types of fields that are neither messages nor enums. */
export type ScalarType =
  | "double"
  | "int32"
  | "int64"
  | "uint32"
  | "uint64"
  | "bool"
  | "string"
  | "bytes";

/** How often a field occurs; the keys of a map are always strings. */
export type FieldLabel = "required" | "optional" | "repeated" | "map";

/** What a field says beside number, name, label and type. */
export interface FieldOptions {
  readonly default?: string | number | boolean;
  readonly deprecated?: boolean;
  readonly oneof?: string;
}

/** One field as data: number, name, label, type (scalar, or the name of a message or enum), options. */
export type FieldData = readonly [
  number: number,
  name: string,
  label: FieldLabel,
  type: string,
  options?: FieldOptions,
];

/** One message as data: name in TypeScript, full name on the wire, fields in the order of the schema. */
export type MessageData = readonly [
  typeName: string,
  fullName: string,
  fields: readonly FieldData[],
];

/** One enum as data: name in TypeScript, full name on the wire, numbers by name, deprecated names. */
export type EnumData = readonly [
  typeName: string,
  fullName: string,
  numbers: Readonly<Record<string, number>>,
  deprecated?: readonly string[],
];
