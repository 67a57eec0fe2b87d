import { nearest, ok } from "@tutti/base";
import type { RefusalDetail, Result } from "@tutti/base";

/**
 * What was found wrong in one document, place by place. Paths are written as Marathon writes them:
 * `/portDefinitions(0)/name`, the document itself is `/`.
 */
export class Problems {
  readonly #byPath = new Map<string, string[]>();

  /** Notes `error`, a sentence without the path, at `path`. */
  add(path: string, error: string): void {
    const place = path === "" ? "/" : path;
    const errors = this.#byPath.get(place);
    if (errors === undefined) this.#byPath.set(place, [error]);
    else if (!errors.includes(error)) errors.push(error);
  }

  get isEmpty(): boolean {
    return this.#byPath.size === 0;
  }

  /** In the order found. */
  details(): readonly RefusalDetail[] {
    return [...this.#byPath].map(([path, errors]) => ({ path, errors }));
  }
}

/** Reads one value; notes what is wrong with it and then returns undefined. */
export type Shape<T> = (value: unknown, path: string, problems: Problems) => T | undefined;

/** A property of an object: absent and `null` mean the same. */
export interface Field<T> {
  readonly shape: Shape<T>;
  readonly required: boolean;
}

/** A property for every name of `T`, so that a forgotten one does not compile. */
export type Fields<T> = { readonly [K in keyof T]-?: Field<Exclude<T[K], undefined>> };

/** A property that may be absent. */
export function optional<T>(shape: Shape<T>): Field<T> {
  return { shape, required: false };
}

/** A property that must be there. */
export function required<T>(shape: Shape<T>): Field<T> {
  return { shape, required: true };
}

/** A string; lengths count UTF-16 code units. */
export function text(
  rule: {
    readonly lengthMin?: number;
    readonly lengthMax?: number;
    readonly pattern?: RegExp;
    /** Said when `pattern` does not match. */
    readonly expected?: string;
  } = {},
): Shape<string> {
  return (value, path, problems) => {
    if (typeof value !== "string") return wrongType(problems, path, "a string", value);
    if (rule.lengthMin !== undefined && value.length < rule.lengthMin) {
      problems.add(
        path,
        rule.lengthMin === 1
          ? "must not be empty"
          : `must have at least ${rule.lengthMin} characters`,
      );
      return undefined;
    }
    if (rule.lengthMax !== undefined && value.length > rule.lengthMax) {
      problems.add(path, `must have at most ${rule.lengthMax} characters`);
      return undefined;
    }
    if (rule.pattern !== undefined && !rule.pattern.test(value)) {
      problems.add(
        path,
        rule.expected ?? `must fully match regular expression '${rule.pattern.source}'`,
      );
      return undefined;
    }
    return value;
  };
}

/** A number within bounds. */
export function decimal(
  rule: { readonly min?: number; readonly max?: number } = {},
): Shape<number> {
  return (value, path, problems) => {
    if (typeof value !== "number" || !Number.isFinite(value)) {
      return wrongType(problems, path, "a number", value);
    }
    if (rule.min !== undefined && value < rule.min) {
      problems.add(path, `must be at least ${rule.min}, got ${value}`);
      return undefined;
    }
    if (rule.max !== undefined && value > rule.max) {
      problems.add(path, `must be at most ${rule.max}, got ${value}`);
      return undefined;
    }
    return value;
  };
}

/** A whole number within bounds. */
export function integer(
  rule: { readonly min?: number; readonly max?: number } = {},
): Shape<number> {
  const number = decimal(rule);
  return (value, path, problems) => {
    if (typeof value === "number" && Number.isFinite(value) && !Number.isInteger(value)) {
      problems.add(path, `must be a whole number, got ${value}`);
      return undefined;
    }
    return number(value, path, problems);
  };
}

/** `true` or `false`. */
export const flag: Shape<boolean> = (value, path, problems) =>
  typeof value === "boolean" ? value : wrongType(problems, path, "true or false", value);

/** One of a list of words. */
export function oneOf<T extends string>(words: readonly T[]): Shape<T> {
  return (value, path, problems) => {
    if (typeof value !== "string") return wrongType(problems, path, "a string", value);
    const word = words.find((known) => known === value);
    if (word === undefined) {
      problems.add(path, `must be one of ${words.join(", ")}, got '${shown(value)}'`);
    }
    return word;
  };
}

/** An array of `item`. */
export function list<T>(
  item: Shape<T>,
  rule: { readonly lengthMin?: number; readonly lengthMax?: number } = {},
): Shape<readonly T[]> {
  return (value, path, problems) => {
    if (!Array.isArray(value)) return wrongType(problems, path, "an array", value);
    if (rule.lengthMin !== undefined && value.length < rule.lengthMin) {
      problems.add(path, `must have at least ${rule.lengthMin} elements`);
      return undefined;
    }
    if (rule.lengthMax !== undefined && value.length > rule.lengthMax) {
      problems.add(path, `must have at most ${rule.lengthMax} elements`);
      return undefined;
    }
    const items: T[] = [];
    for (const [index, element] of value.entries()) {
      const read = item(element, `${path}(${index})`, problems);
      if (read !== undefined) items.push(read);
    }
    return items.length === value.length ? items : undefined;
  };
}

/** An object used as a map. */
export function dictionary<T>(item: Shape<T>): Shape<Readonly<Record<string, T>>> {
  return (value, path, problems) => {
    if (!isObject(value)) return wrongType(problems, path, "an object", value);
    const entries: [string, T][] = [];
    let complete = true;
    for (const [key, element] of Object.entries(value)) {
      const read = item(element, `${path}/${key}`, problems);
      if (read === undefined) complete = false;
      else entries.push([key, read]);
    }
    return complete ? Object.fromEntries(entries) : undefined;
  };
}

/** An object with exactly these fields; others are problems, except those in `ignored`. */
export function record<T extends object>(
  fields: Fields<T>,
  ignored: ReadonlySet<string> = new Set(),
): Shape<T> {
  const known = new Map<string, Field<unknown>>(Object.entries(fields));
  return (value, path, problems) => {
    if (!isObject(value)) return wrongType(problems, path, "an object", value);
    const read: Record<string, unknown> = {};
    let complete = true;
    for (const [name, element] of Object.entries(value)) {
      const field = known.get(name);
      if (field === undefined) {
        if (ignored.has(name)) continue;
        problems.add(`${path}/${shown(name)}`, unknownField(name, known));
        complete = false;
      } else if (element !== null && element !== undefined) {
        const part = field.shape(element, `${path}/${name}`, problems);
        if (part === undefined) complete = false;
        else read[name] = part;
      }
    }
    for (const [name, field] of known) {
      if (field.required && (value[name] === undefined || value[name] === null)) {
        problems.add(`${path}/${name}`, "is required");
        complete = false;
      }
    }
    return complete ? asRecord<T>(read) : undefined;
  };
}

/** Any JSON value, taken as it is. */
export const anything: Shape<unknown> = (value) => value;

/** Runs a shape over a whole document. */
export function parseWith<T>(shape: Shape<T>, value: unknown): Result<T, readonly RefusalDetail[]> {
  const problems = new Problems();
  const read = shape(value, "", problems);
  return read !== undefined && problems.isEmpty
    ? ok(read)
    : { ok: false, error: problems.details() };
}

/** Whether `value` is a JSON object. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The fields were read one by one by the shapes that `Fields<T>` demands. */
function asRecord<T extends object>(read: object): T {
  return read as T;
}

function wrongType(problems: Problems, path: string, expected: string, value: unknown): undefined {
  problems.add(path, `must be ${expected}, got ${kindOf(value)}`);
  return undefined;
}

function kindOf(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "an array";
  if (typeof value === "object") return "an object";
  if (typeof value === "string") return `the string '${shown(value)}'`;
  return typeof value === "number" || typeof value === "boolean" ? String(value) : "nothing";
}

function shown(value: string): string {
  return value.length > 60 ? `${value.slice(0, 60)}…` : value;
}

function unknownField(name: string, known: ReadonlyMap<string, unknown>): string {
  const names = [...known.keys()];
  const alike =
    names.find((other) => other.toLowerCase() === name.toLowerCase()) ?? nearest(name, names);
  return alike === undefined
    ? "is not a field of this object: remove it or correct its name"
    : `is not a field of this object: did you mean '${alike}'?`;
}
