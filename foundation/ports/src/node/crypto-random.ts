import { randomFillSync, randomUUID } from "node:crypto";
import { assert } from "@tutti/base";
import type { Random } from "../random.ts";

const POOL_WORDS = 512;
const pool = new Uint32Array(POOL_WORDS);
let used = POOL_WORDS;

/** Chance from the system's cryptographic source. */
export const cryptoRandom: Random = {
  next: () => (word() * 2 ** 21 + (word() >>> 11)) / 2 ** 53,
  below(bound) {
    assert(
      Number.isInteger(bound) && bound >= 1 && bound <= 2 ** 32,
      "a bound is an integer from 1 to 2^32",
    );
    const unbiasedMax = 2 ** 32 - (2 ** 32 % bound);
    let value = word();
    while (value >= unbiasedMax) value = word();
    return value % bound;
  },
  uuid: () => randomUUID(),
};

function word(): number {
  if (used === POOL_WORDS) {
    randomFillSync(pool);
    used = 0;
  }
  const value = pool[used] ?? 0;
  used += 1;
  return value;
}
