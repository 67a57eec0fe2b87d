/**
 * A 64-bit integer, signed or not: a `number` whenever it is a safe integer, a `bigint` only beyond.
 * Invariant: the same quantity has one representation, so `===` compares two of them.
 */
export type Int64 = number | bigint;

/** Bytes, written in base64 with padding, as Mesos's JSON shows them. */
export type Base64 = string;
