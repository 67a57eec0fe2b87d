import type { EnumModel, FieldModel, MessageModel, SchemaModel } from "./schema-model.ts";
import { generatedNotice } from "./write-types.ts";

/** The file that holds the whole schema as data: one tuple per field, one record per enum. */
export function writeDescriptors(schema: SchemaModel): string {
  return [
    generatedNotice,
    'import type { EnumData, MessageData } from "../schema-data.ts";',
    "",
    "/** Every enum: its values in the order of the schema. */",
    "export const enumData: readonly EnumData[] = [",
    ...schema.enums.map(writeEnum),
    "];",
    "",
    "/** Every message: its fields in the order of the schema. */",
    "export const messageData: readonly MessageData[] = [",
    ...schema.messages.map(writeMessage),
    "];",
    "",
  ].join("\n");
}

function writeEnum(type: EnumModel): string {
  const values = type.values.map((value) => `${value.name}: ${value.number}`).join(", ");
  const deprecated = type.values
    .filter((value) => value.deprecated)
    .map((value) => `"${value.name}"`);
  const tail = deprecated.length === 0 ? "" : `, [${deprecated.join(", ")}]`;
  return `["${type.typeName}", "${type.fullName}", { ${values} }${tail}],`;
}

function writeMessage(message: MessageModel): string {
  return `["${message.typeName}", "${message.fullName}", [${message.fields.map(writeField).join(", ")}]],`;
}

function writeField(field: FieldModel): string {
  const options = [
    ...(field.default === undefined ? [] : [`default: ${JSON.stringify(field.default)}`]),
    ...(field.deprecated ? ["deprecated: true"] : []),
    ...(field.oneof === undefined ? [] : [`oneof: "${field.oneof}"`]),
  ];
  const tail = options.length === 0 ? "" : `, { ${options.join(", ")} }`;
  return `[${field.number}, "${field.name}", "${field.label}", "${field.type}"${tail}]`;
}
