/** The same value with 64-bit integers as numbers: what `JSON.stringify` can print. */
export function plainJson(value: unknown): unknown {
  if (typeof value === "bigint") return Number(value);
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(plainJson);
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, plainJson(part)]));
}
