/**
 * The shape of JSON: which keys objects have and which types their values are. Elements of an array
 * are laid over one another; a key that not all of them have is optional.
 */
export type Shape =
  | { readonly type: "string" | "number" | "boolean" | "null" | "nothing" }
  | { readonly type: "array"; readonly of: Shape }
  | {
      readonly type: "object";
      readonly keys: ReadonlyMap<string, { readonly shape: Shape; readonly isOptional: boolean }>;
    };

/** The shape of one value. */
export function shapeOf(value: unknown): Shape {
  if (value === null) return { type: "null" };
  if (Array.isArray(value)) {
    return {
      type: "array",
      of: (value as unknown[]).map(shapeOf).reduce<Shape>(overlay, { type: "nothing" }),
    };
  }
  if (typeof value === "object") {
    return {
      type: "object",
      keys: new Map(
        Object.entries(value as object).map(([key, part]) => [
          key,
          { shape: shapeOf(part), isOptional: false },
        ]),
      ),
    };
  }
  if (typeof value === "bigint") return { type: "number" };
  return { type: typeof value as "string" | "number" | "boolean" };
}

function overlay(left: Shape, right: Shape): Shape {
  if (left.type === "nothing") return right;
  if (right.type === "nothing") return left;
  if (left.type === "array" && right.type === "array") {
    return { type: "array", of: overlay(left.of, right.of) };
  }
  if (left.type !== "object" || right.type !== "object") return left;
  const keys = new Map<string, { shape: Shape; isOptional: boolean }>();
  for (const key of new Set([...left.keys.keys(), ...right.keys.keys()])) {
    const mine = left.keys.get(key);
    const theirs = right.keys.get(key);
    const shape =
      mine === undefined
        ? theirs?.shape
        : theirs === undefined
          ? mine.shape
          : overlay(mine.shape, theirs.shape);
    if (shape === undefined) continue;
    const isOptional =
      mine === undefined || theirs === undefined || mine.isOptional || theirs.isOptional;
    keys.set(key, { shape, isOptional });
  }
  return { type: "object", keys };
}

/** What shapes may differ in; paths are such as `.slaves[].attributes`. */
export interface ShapeRules {
  /** Ours may have these keys, theirs has not. */
  readonly mayHave: readonly RegExp[];
  /** Theirs has these keys, ours need not. */
  readonly mayLack: readonly RegExp[];
  /** Objects whose keys are names: only the kinds of their values are compared. */
  readonly dictionaries: readonly RegExp[];
}

/** Where `ours` differs from `theirs`: missing and additional keys, other types. */
export function differencesOf(ours: Shape, theirs: Shape, rules: ShapeRules, path = ""): string[] {
  if (theirs.type === "nothing") return [];
  if (ours.type === "nothing") return matches(rules.mayLack, path) ? [] : [`${path}: none`];
  if (ours.type !== theirs.type) return [`${path}: ${ours.type} instead of ${theirs.type}`];
  if (ours.type === "array" && theirs.type === "array") {
    return differencesOf(ours.of, theirs.of, rules, `${path}[]`);
  }
  if (ours.type !== "object" || theirs.type !== "object") return [];
  if (matches(rules.dictionaries, path)) {
    return differencesOf(valuesOf(ours), valuesOf(theirs), rules, `${path}.*`);
  }
  const found: string[] = [];
  for (const [key, { shape, isOptional }] of theirs.keys) {
    const at = `${path}.${key}`;
    const mine = ours.keys.get(key);
    if (mine !== undefined) found.push(...differencesOf(mine.shape, shape, rules, at));
    else if (!isOptional && !matches(rules.mayLack, at)) found.push(`${at}: missing`);
  }
  for (const key of ours.keys.keys()) {
    const at = `${path}.${key}`;
    if (!theirs.keys.has(key) && !matches(rules.mayHave, at)) found.push(`${at}: additional`);
  }
  return found;
}

function matches(patterns: readonly RegExp[], path: string): boolean {
  return patterns.some((pattern) => pattern.test(path));
}

/** The values of an object, laid over one another. */
function valuesOf(shape: Extract<Shape, { readonly type: "object" }>): Shape {
  return [...shape.keys.values()]
    .map((entry) => entry.shape)
    .reduce<Shape>(overlay, { type: "nothing" });
}
