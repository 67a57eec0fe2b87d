import { readSchema } from "./read-schema.ts";
import { writeDescriptors } from "./write-descriptors.ts";
import { fileOf, writeTypeMaps, writeTypes } from "./write-types.ts";

/**
 * The generated files of `protocol/mesos-v1/src/gen`, by file name and not yet formatted, from the
 * texts of its schema files.
 */
export function generateMesosV1(schemaTexts: readonly string[]): ReadonlyMap<string, string> {
  const schema = readSchema(schemaTexts);
  const packages = new Set([...schema.messages, ...schema.enums].map((type) => type.packageName));
  const files = new Map<string, string>();
  for (const packageName of packages)
    files.set(`${fileOf(packageName)}.ts`, writeTypes(schema, packageName));
  files.set("type-maps.ts", writeTypeMaps(schema));
  files.set("descriptors.ts", writeDescriptors(schema));
  return files;
}
