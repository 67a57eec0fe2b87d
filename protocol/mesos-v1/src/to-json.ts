import type { FieldDescriptor, MessageDescriptor } from "./descriptor.ts";
import type { ScalarType } from "./schema-data.ts";

type Write = (value: never) => string;
type WriteMessage = (message: Readonly<Record<string, unknown>>) => string;

/** What writes one field: its key, its value, and what stands there when it is not set. */
interface FieldPlan {
  readonly name: string;
  readonly key: string;
  readonly write: (value: unknown) => string;
  /** Key and value of an unset field that is shown nevertheless; empty otherwise. */
  readonly unset: string;
  readonly repeated: boolean;
  readonly map: boolean;
}

/** Lists of the operators' answers whose empty collections are printed; all others omit them. */
const listMessages: ReadonlySet<string> = new Set([
  "AgentResponseGetExecutors",
  "AgentResponseGetFrameworks",
  "AgentResponseGetTasks",
  "MasterResponseGetAgents",
  "MasterResponseGetExecutors",
  "MasterResponseGetFrameworks",
  "MasterResponseGetTasks",
]);

const writers = new Map<MessageDescriptor, WriteMessage>();
// oxlint-disable-next-line no-control-regex -- JSON escapes control characters
const needsEscape = /["\\\u0000-\u001f\ud800-\udfff]/;

/**
 * A message as Mesos prints it: fields in the order of the schema, unset fields that have a default
 * are shown unless deprecated, empty collections are omitted (but shown in the operators' lists),
 * doubles always have a decimal point, whole numbers are exact, no white space. Rules MV7 to MV11.
 * What is no number in JSON (NaN, infinity) becomes null.
 */
export function toJson<T>(descriptor: MessageDescriptor<T>, message: T): string {
  return writerOf(descriptor)(message as Readonly<Record<string, unknown>>);
}

function writerOf(descriptor: MessageDescriptor): WriteMessage {
  const known = writers.get(descriptor);
  if (known !== undefined) return known;
  const plans: FieldPlan[] = [];
  const write: WriteMessage = (message) => writeFields(plans, message);
  writers.set(descriptor, write);
  const isList = listMessages.has(descriptor.typeName);
  for (const field of descriptor.fields) plans.push(planOf(field, isList));
  return write;
}

function writeFields(
  plans: readonly FieldPlan[],
  message: Readonly<Record<string, unknown>>,
): string {
  let text = "";
  for (const plan of plans) {
    const value = message[plan.name];
    if (value === undefined) {
      if (plan.unset !== "") text += text === "" ? plan.unset : `,${plan.unset}`;
      continue;
    }
    if (plan.repeated && (value as readonly unknown[]).length === 0) {
      if (plan.unset !== "") text += text === "" ? plan.unset : `,${plan.unset}`;
      continue;
    }
    const written = plan.write(value);
    if (plan.map && written === "{}") continue;
    text += text === "" ? plan.key + written : `,${plan.key}${written}`;
  }
  return `{${text}}`;
}

function planOf(field: FieldDescriptor, isList: boolean): FieldPlan {
  const key = `"${field.name}":`;
  const repeated = field.label === "repeated";
  const map = field.label === "map";
  const single = writeOf(field) as (value: unknown) => string;
  const write = repeated ? arrayWriter(single) : map ? mapWriter(single) : single;
  let unset = "";
  if (repeated && isList && !field.deprecated) unset = `${key}[]`;
  if (field.default !== undefined && !field.deprecated) unset = key + single(field.default);
  return { name: field.name, key, write, unset, repeated, map };
}

function writeOf(field: FieldDescriptor): Write {
  switch (field.kind) {
    case "message":
      return messageWriter(field.message);
    case "enum":
      return (value: string) => `"${value}"`;
    case "scalar":
      return scalarWriter(field.scalar);
  }
}

/** Looks the writer up when it is first needed: messages may contain themselves. */
function messageWriter(descriptor: MessageDescriptor): Write {
  let write: WriteMessage | undefined;
  return (value: Readonly<Record<string, unknown>>) => {
    write ??= writerOf(descriptor);
    return write(value);
  };
}

function scalarWriter(type: ScalarType): Write {
  switch (type) {
    case "string":
      return quote;
    case "bytes":
      return (value: string) => `"${value}"`;
    case "bool":
      return (value: boolean) => (value ? "true" : "false");
    case "double":
      return writeDouble;
    case "int32":
    case "int64":
    case "uint32":
    case "uint64":
      return (value: number | bigint) => `${value}`;
  }
}

function writeDouble(value: number): string {
  if (!Number.isFinite(value)) return "null";
  const text = Object.is(value, -0) ? "-0" : `${value}`;
  return Number.isInteger(value) && !text.includes("e") ? `${text}.0` : text;
}

function quote(text: string): string {
  return needsEscape.test(text) ? JSON.stringify(text) : `"${text}"`;
}

function arrayWriter(write: (value: unknown) => string): (value: unknown) => string {
  return (value) => {
    let text = "";
    for (const item of value as readonly unknown[])
      text += text === "" ? write(item) : `,${write(item)}`;
    return `[${text}]`;
  };
}

function mapWriter(write: (value: unknown) => string): (value: unknown) => string {
  return (value) => {
    let text = "";
    for (const [key, item] of Object.entries(value as object)) {
      text += `${text === "" ? "" : ","}${quote(key)}:${write(item)}`;
    }
    return `{${text}}`;
  };
}
