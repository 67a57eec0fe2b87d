import { present } from "@tutti/base";
import { enumData, messageData } from "./gen/descriptors.ts";
import type { EnumTypes, MessageTypes } from "./gen/type-maps.ts";
import type { EnumData, FieldData, FieldLabel, MessageData, ScalarType } from "./schema-data.ts";

declare const described: unique symbol;

/** One enum: its names and numbers. `T` is the union of its names. */
export interface EnumDescriptor<T extends string = string> {
  readonly typeName: string;
  readonly fullName: string;
  /** In the order of the schema. */
  readonly names: readonly T[];
  readonly numberByName: ReadonlyMap<string, number>;
  readonly nameByNumber: ReadonlyMap<number, T>;
  readonly deprecatedNames: readonly string[];
}

/** One message: its fields in the order of the schema, which is the order of JSON output. */
export interface MessageDescriptor<T = unknown> {
  readonly typeName: string;
  readonly fullName: string;
  readonly fields: readonly FieldDescriptor[];
  /** Names of the fields that must be set. */
  readonly required: readonly string[];
  readonly fieldByName: ReadonlyMap<string, FieldDescriptor>;
  readonly fieldByNumber: ReadonlyMap<number, FieldDescriptor>;
  readonly [described]?: T;
}

interface FieldBase {
  readonly number: number;
  readonly name: string;
  readonly label: FieldLabel;
  /** What an absent optional field means. */
  readonly default?: string | number | boolean;
  readonly deprecated: boolean;
  readonly oneof?: string;
}

/** One field of a message; of a map, `kind` and type are those of the values. */
export type FieldDescriptor =
  | (FieldBase & { readonly kind: "scalar"; readonly scalar: ScalarType })
  | (FieldBase & { readonly kind: "enum"; readonly enumType: EnumDescriptor })
  | (FieldBase & { readonly kind: "message"; readonly message: MessageDescriptor });

const scalarNames: ReadonlySet<string> = new Set<ScalarType>([
  "double",
  "int32",
  "int64",
  "uint32",
  "uint64",
  "bool",
  "string",
  "bytes",
]);

/** Every enum of the API by its name in TypeScript. */
export const enums = Object.fromEntries(enumData.map((data) => [data[0], linkEnum(data)])) as {
  readonly [N in keyof EnumTypes]: EnumDescriptor<EnumTypes[N]>;
};

/** Every message of the API by its name in TypeScript: what `parseJson` and its kin take. */
export const messages = linkMessages(messageData) as {
  readonly [N in keyof MessageTypes]: MessageDescriptor<MessageTypes[N]>;
};

function linkEnum([typeName, fullName, numbers, deprecatedNames = []]: EnumData): EnumDescriptor {
  const entries = Object.entries(numbers);
  return {
    typeName,
    fullName,
    names: entries.map(([name]) => name),
    numberByName: new Map(entries),
    nameByNumber: new Map(entries.map(([name, number]) => [number, name])),
    deprecatedNames,
  };
}

function linkMessages(data: readonly MessageData[]): Readonly<Record<string, MessageDescriptor>> {
  const linked = new Map<string, MessageDescriptor>();
  const shells = data.map(([typeName, fullName, fieldData]) => {
    const fields: FieldDescriptor[] = [];
    const required: string[] = [];
    const fieldByName = new Map<string, FieldDescriptor>();
    const fieldByNumber = new Map<number, FieldDescriptor>();
    const descriptor: MessageDescriptor = {
      typeName,
      fullName,
      fields,
      required,
      fieldByName,
      fieldByNumber,
    };
    linked.set(typeName, descriptor);
    return { fieldData, fields, required, fieldByName, fieldByNumber };
  });
  for (const shell of shells) {
    for (const item of shell.fieldData) {
      const field = linkField(item, linked);
      shell.fields.push(field);
      if (field.label === "required") shell.required.push(field.name);
      shell.fieldByName.set(field.name, field);
      shell.fieldByNumber.set(field.number, field);
    }
  }
  return Object.fromEntries(linked);
}

function linkField(
  data: FieldData,
  linked: ReadonlyMap<string, MessageDescriptor>,
): FieldDescriptor {
  const [number, name, label, type, options] = data;
  const base: FieldBase = { number, name, label, deprecated: false, ...options };
  if (isScalar(type)) return { ...base, kind: "scalar", scalar: type };
  const message = linked.get(type);
  if (message !== undefined) return { ...base, kind: "message", message };
  const known: Readonly<Record<string, EnumDescriptor>> = enums;
  return { ...base, kind: "enum", enumType: present(known[type], `enum ${type} of the schema`) };
}

function isScalar(type: string): type is ScalarType {
  return scalarNames.has(type);
}
