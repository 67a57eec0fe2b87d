import { describe, expect, it } from "vitest";
import { slopeOf, type Growth } from "./growth.ts";
import { plotOf } from "./plot.ts";

describe("slopeOf", () => {
  const sizes = [1000, 5000, 20_000];

  it.each([
    { cost: (size: number) => size * 3, slope: 1 },
    { cost: (size: number) => size ** 2, slope: 2 },
    { cost: () => 7, slope: 0 },
  ])("is the power with which the cost grows: $slope", ({ cost, slope }) => {
    expect(slopeOf(sizes.map((size) => ({ size, cost: cost(size) })))).toBeCloseTo(slope, 6);
  });
});

describe("plotOf", () => {
  const growth: Growth = {
    name: "x",
    title: "A cost & its <growth>",
    sizeOf: "agents",
    costOf: "ms",
    series: [
      { name: "one role", points: [1000, 10_000].map((size) => ({ size, cost: size / 50 })) },
    ],
    targets: [{ size: 10_000, cost: 50 }],
  };

  it("draws the same picture for the same figures", () => {
    expect(plotOf(growth)).toBe(plotOf(growth));
  });

  it("escapes what it is given, and says the slope", () => {
    const text = plotOf(growth);
    expect(text).toContain("A cost &amp; its &lt;growth&gt;");
    expect(text).toContain("slope 1.00");
    expect(text).not.toContain("NaN");
  });
});
