import fc from "fast-check";

/** Values that parsers stumble over. */
const oddValues: readonly unknown[] = [
  null,
  true,
  0,
  -1,
  1.5,
  1e308,
  2 ** 53 + 2,
  -(2 ** 63),
  "",
  "0",
  "NaN",
  "Infinity",
  "__proto__",
  "constructor",
  "../..",
  "a\u0000b",
  "\ud800",
  "x".repeat(5000),
  [],
  [[]],
  [null],
  {},
  { value: "" },
  { value: { value: { value: 1 } } },
];

/** One change of a JSON value: where (two random numbers choose a place) and what. */
export interface Mutation {
  readonly place: number;
  readonly kind: "remove" | "replace" | "repeat" | "rename" | "nest";
  readonly odd: number;
}

/** A few changes. */
export const mutations: fc.Arbitrary<readonly Mutation[]> = fc.array(
  fc.record({
    place: fc.nat(),
    kind: fc.constantFrom<Mutation["kind"][]>("remove", "replace", "repeat", "rename", "nest"),
    odd: fc.nat(oddValues.length - 1),
  }),
  { maxLength: 3 },
);

/** A copy of `value` with these changes. */
export function mutate(value: unknown, changes: readonly Mutation[]): unknown {
  const copy = structuredClone(value);
  for (const change of changes) applyAt(copy, change);
  return copy;
}

function applyAt(root: unknown, { place, kind, odd }: Mutation): void {
  const places = placesOf(root);
  const chosen = places[place % Math.max(1, places.length)];
  if (chosen === undefined) return;
  const { holder, key } = chosen;
  const value = holder[key];
  if (kind === "remove") delete holder[key];
  else if (kind === "replace") holder[key] = structuredClone(oddValues[odd]);
  else if (kind === "repeat") holder[key] = [value, structuredClone(value)];
  else if (kind === "rename") {
    delete holder[key];
    holder[`${key}_`] = value;
  } else holder[key] = { [key]: value };
}

interface Place {
  readonly holder: Record<string, unknown>;
  readonly key: string;
}

function placesOf(value: unknown, found: Place[] = []): Place[] {
  if (typeof value !== "object" || value === null) return found;
  const holder = value as Record<string, unknown>;
  for (const key of Object.keys(holder)) {
    found.push({ holder, key });
    placesOf(holder[key], found);
  }
  return found;
}
