import { describe, expect, it } from "vitest";
import { areApart, blockOrder, pairedRatio, ratioText } from "./paired.ts";

/** Ratios around `middle` with a spread of `noise`, in an order that says nothing. */
function ratios(middle: number, noise: number, count = 40): readonly number[] {
  return Array.from(
    { length: count },
    (_, i) => middle + noise * ((((i * 17) % count) / (count - 1)) * 2 - 1),
  );
}

describe("pairedRatio", () => {
  it("is the median, with an interval around it that is the same each time", () => {
    const ratio = pairedRatio(ratios(0.97, 0.2));
    expect(ratio).toEqual(pairedRatio(ratios(0.97, 0.2)));
    expect(ratio.low).toBeLessThan(ratio.median);
    expect(ratio.high).toBeGreaterThan(ratio.median);
    expect(ratio.low).toBeGreaterThan(0.97 - 0.2);
    expect(ratio.high).toBeLessThan(0.97 + 0.2);
  });

  it("is closer with more pairs and with less noise", () => {
    const width = (samples: readonly number[]): number => {
      const { low, high } = pairedRatio(samples);
      return high - low;
    };
    expect(width(ratios(1, 0.2, 400))).toBeLessThan(width(ratios(1, 0.2, 40)));
    expect(width(ratios(1, 0.01))).toBeLessThan(width(ratios(1, 0.2)));
  });

  it("one pair far away moves neither end", () => {
    const calm = pairedRatio(ratios(1, 0.02, 39));
    const odd = pairedRatio([...ratios(1, 0.02, 39), 17]);
    expect(Math.abs(odd.high - calm.high)).toBeLessThan(0.01);
    expect(Math.abs(odd.low - calm.low)).toBeLessThan(0.01);
  });

  it("is told with its interval and the number of pairs", () => {
    expect(ratioText({ median: 0.98, low: 0.9661, high: 1.0049, pairs: 40 })).toBe(
      "0.980 (95 %: 0.966–1.005; 40 pairs)",
    );
  });
});

describe("areApart", () => {
  const around = (low: number, high: number) => ({ median: low, low, high, pairs: 9 });

  it.each([
    { one: around(0.8, 0.9), other: around(0.95, 1.05), apart: true },
    { one: around(1.1, 1.2), other: around(0.95, 1.05), apart: true },
    { one: around(0.9, 0.97), other: around(0.95, 1.05), apart: false },
    { one: around(0.99, 1.01), other: around(0.95, 1.05), apart: false },
  ])("$one.low–$one.high and $other.low–$other.high: $apart", ({ one, other, apart }) => {
    expect(areApart(one, other)).toBe(apart);
  });
});

describe("blockOrder", () => {
  it("goes there and back, and each arm has its turn to stand outside", () => {
    expect(blockOrder(["a", "b", "c"], 0)).toEqual(["a", "b", "c", "c", "b", "a"]);
    expect(blockOrder(["a", "b", "c"], 1)).toEqual(["b", "c", "a", "a", "c", "b"]);
    expect(blockOrder(["a", "b", "c"], 5)).toEqual(["c", "a", "b", "b", "a", "c"]);
  });
});
