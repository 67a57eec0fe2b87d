import protobuf from "protobufjs";
import { typeNameOf } from "./schema-model.ts";
import type { EnumModel, FieldModel, MessageModel, SchemaModel } from "./schema-model.ts";

/** Reads schema files (texts in proto2) into one model; throws on anything it does not understand. */
export function readSchema(texts: readonly string[]): SchemaModel {
  const root = new protobuf.Root();
  for (const text of texts) protobuf.parse(text, root, { keepCase: true });
  root.resolveAll();
  const messages: MessageModel[] = [];
  const enums: EnumModel[] = [];
  visit(root, "", messages, enums);
  checkUnique([...messages, ...enums].map((type) => type.typeName));
  return { messages, enums };
}

function visit(
  parent: protobuf.NamespaceBase,
  packageName: string,
  messages: MessageModel[],
  enums: EnumModel[],
): void {
  for (const child of parent.nestedArray) {
    if (child instanceof protobuf.Type) {
      messages.push(readMessage(child, packageName));
      visit(child, packageName, messages, enums);
    } else if (child instanceof protobuf.Enum) {
      enums.push(readEnum(child, packageName));
    } else if (child instanceof protobuf.Namespace) {
      visit(child, fullNameOf(child), messages, enums);
    } else {
      throw new Error(`unexpected declaration ${child.fullName}`);
    }
  }
}

function readMessage(type: protobuf.Type, packageName: string): MessageModel {
  const fields = type.fieldsArray.map((field) => readField(field.resolve()));
  checkUnique(fields.map((field) => String(field.number)));
  return { fullName: fullNameOf(type), typeName: nameOf(type), packageName, fields };
}

function readEnum(type: protobuf.Enum, packageName: string): EnumModel {
  const values = Object.entries(type.values).map(([name, number]) => ({
    name,
    number,
    deprecated: type.valuesOptions?.[name]?.["deprecated"] === true,
  }));
  return { fullName: fullNameOf(type), typeName: nameOf(type), packageName, values };
}

function readField(field: protobuf.Field): FieldModel {
  const resolved = field.resolvedType;
  const kind =
    resolved === null ? "scalar" : resolved instanceof protobuf.Enum ? "enum" : "message";
  const oneof = field.partOf?.name;
  const byDefault: unknown = field.options?.["default"];
  if (field instanceof protobuf.MapField && field.keyType !== "string") {
    throw new Error(`map key of ${field.fullName} is not a string`);
  }
  return {
    number: field.id,
    name: field.name,
    label: field.map
      ? "map"
      : field.repeated
        ? "repeated"
        : field.required
          ? "required"
          : "optional",
    type: resolved === null ? field.type : nameOf(resolved),
    kind,
    deprecated: field.options?.["deprecated"] === true,
    ...(isDefault(byDefault) ? { default: byDefault } : {}),
    ...(oneof === undefined ? {} : { oneof }),
  };
}

function isDefault(value: unknown): value is string | number | boolean {
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean";
}

function nameOf(type: protobuf.Type | protobuf.Enum): string {
  const nested: string[] = [];
  let at: protobuf.ReflectionObject | null = type;
  while (at instanceof protobuf.Type || at instanceof protobuf.Enum) {
    nested.unshift(at.name);
    at = at.parent;
  }
  return typeNameOf(at === null ? "" : fullNameOf(at), nested);
}

function fullNameOf(object: protobuf.ReflectionObject): string {
  return object.fullName.replace(/^\./, "");
}

function checkUnique(names: readonly string[]): void {
  const seen = new Set<string>();
  for (const name of names) {
    if (seen.has(name)) throw new Error(`${name} is declared twice`);
    seen.add(name);
  }
}
