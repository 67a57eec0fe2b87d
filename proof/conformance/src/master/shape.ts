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

/** Where `ours` differs from `theirs`: missing and additional keys, other types. `extra` are paths that may be more. */
export function differencesOf(
  ours: Shape,
  theirs: Shape,
  extra: ReadonlySet<string>,
  path = "",
): string[] {
  if (ours.type === "nothing" || theirs.type === "nothing") return [];
  if (ours.type !== theirs.type) return [`${path}: ${ours.type} instead of ${theirs.type}`];
  if (ours.type === "array" && theirs.type === "array") {
    return differencesOf(ours.of, theirs.of, extra, `${path}[]`);
  }
  if (ours.type !== "object" || theirs.type !== "object") return [];
  const found: string[] = [];
  for (const [key, { shape, isOptional }] of theirs.keys) {
    const mine = ours.keys.get(key);
    if (mine !== undefined)
      found.push(...differencesOf(mine.shape, shape, extra, `${path}.${key}`));
    else if (!isOptional && !extra.has(`-${path}.${key}`)) found.push(`${path}.${key}: missing`);
  }
  for (const key of ours.keys.keys()) {
    if (!theirs.keys.has(key) && !extra.has(`${path}.${key}`))
      found.push(`${path}.${key}: additional`);
  }
  return found;
}
