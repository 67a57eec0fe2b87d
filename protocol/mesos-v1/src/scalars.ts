/**
 * A 64-bit integer, signed or not: a `number` whenever it is a safe integer, a `bigint` only beyond.
 * Invariant: the same quantity has one representation, so `===` compares two of them.
 */
export type Int64 = number | bigint;

/** Bytes, written in base64 with padding, as Mesos's JSON shows them. */
export type Base64 = string;

/** The one representation of a whole number. */
export function toInt64(value: bigint): Int64 {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

/** The nearest `number`: exact up to 2^53, as times and sizes may be read. */
export function fromInt64(value: Int64): number {
  return Number(value);
}

/** Nanoseconds since 1970 (or of a duration) from milliseconds, without loss of what they can say. */
export function nanosecondsOf(ms: number): Int64 {
  const whole = Math.floor(ms);
  return toInt64(BigInt(whole) * 1_000_000n + BigInt(Math.round((ms - whole) * 1e6)));
}

/** Milliseconds from nanoseconds, with fractions as far as a `number` can say them. */
export function msOfNanoseconds(nanoseconds: Int64): number {
  if (typeof nanoseconds === "number") return nanoseconds / 1e6;
  return Number(nanoseconds / 1_000_000n) + Number(nanoseconds % 1_000_000n) / 1e6;
}
