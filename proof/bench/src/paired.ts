import { counted, median } from "./medians.ts";

/** A ratio that was measured in pairs: its middle, and where the true one lies with 95 % confidence. */
export interface PairedRatio {
  readonly median: number;
  readonly low: number;
  readonly high: number;
  /** How many pairs. */
  readonly pairs: number;
}

const resamples = 2000;
const confidence = 0.95;
const seed = 0x5eed;

/**
 * The median of ratios that were each taken of two rounds close together, and a 95 % interval for it by the
 * bootstrap: the pairs are drawn again, with repetition, 2,000 times. The same ratios give the same interval.
 */
export function pairedRatio(ratios: readonly number[]): PairedRatio {
  const next = chance(seed);
  const middles = Array.from({ length: resamples }, () =>
    median(ratios.map(() => ratios[next() % ratios.length] ?? Number.NaN)),
  ).toSorted((a, b) => a - b);
  const cut = Math.floor((resamples * (1 - confidence)) / 2);
  return {
    median: median(ratios),
    low: middles[cut] ?? Number.NaN,
    high: middles[resamples - 1 - cut] ?? Number.NaN,
    pairs: ratios.length,
  };
}

/** `0.987 (95 %: 0.962–1.004; 48 pairs)`. */
export function ratioText({ median: middle, low, high, pairs }: PairedRatio): string {
  return `${middle.toFixed(3)} (95 %: ${low.toFixed(3)}–${high.toFixed(3)}; ${counted(pairs)} pairs)`;
}

/** Whether two intervals have nothing in common: then the ratios differ by more than the noise. */
export function areApart(one: PairedRatio, other: PairedRatio): boolean {
  return one.high < other.low || other.high < one.low;
}

/** Numbers below 2³², from a seed (mulberry32). */
function chance(from: number): () => number {
  let state = from;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
}

/**
 * The order of the rounds of one block: each arm twice, there and back, so that what drifts meets all alike; the arms
 * take turns to stand outside.
 */
export function blockOrder<Arm>(arms: readonly Arm[], block: number): readonly Arm[] {
  const shift = block % arms.length;
  const there = [...arms.slice(shift), ...arms.slice(0, shift)];
  return [...there, ...there.toReversed()];
}
