import type { FieldDescriptor, MessageDescriptor } from "./descriptor.ts";

/**
 * Paths of the required fields that `message` lacks, as Protocol Buffers name them
 * (`accept.operations[0].launch.task_infos[1].name`): its own in order of the schema, then those of
 * its parts in order of their numbers.
 */
export function missingRequired(
  descriptor: MessageDescriptor,
  message: object,
  prefix = "",
): string[] {
  const missing = descriptor.fields
    .filter(({ name, label }) => label === "required" && Reflect.get(message, name) === undefined)
    .map(({ name }) => prefix + name);
  for (const field of fieldsByNumber(descriptor)) {
    const value: unknown = Reflect.get(message, field.name);
    if (field.kind !== "message" || typeof value !== "object" || value === null) continue;
    const path = prefix + field.name;
    if (field.label === "repeated" || field.label === "map") {
      for (const [key, part] of Object.entries(value)) {
        const entry = field.label === "map" ? `${path}[${key}].value` : `${path}[${key}]`;
        missing.push(...missingRequired(field.message, part as object, `${entry}.`));
      }
    } else missing.push(...missingRequired(field.message, value, `${path}.`));
  }
  return missing;
}

/** `Missing required fields: executor_id, framework_id` */
export function describeMissing(descriptor: MessageDescriptor, message: object): string {
  return `Missing required fields: ${missingRequired(descriptor, message).join(", ")}`;
}

/** The fields of a message by ascending number. */
export function fieldsByNumber(descriptor: MessageDescriptor): readonly FieldDescriptor[] {
  return descriptor.fields.toSorted((left, right) => left.number - right.number);
}
