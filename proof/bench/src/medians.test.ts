import { describe, expect, it } from "vitest";
import { counted, median, medianAndSpread, readable } from "./medians.ts";

describe("median", () => {
  it.each([
    { samples: [3], middle: 3 },
    { samples: [9, 1, 5, 2, 7], middle: 5 },
    { samples: [4, 1, 3, 2], middle: 2 },
  ])("of $samples is $middle", ({ samples, middle }) => {
    expect(median(samples)).toBe(middle);
  });

  it("of nothing there is none", () => {
    expect(() => median([])).toThrow("no samples");
  });
});

describe("how numbers are told", () => {
  it.each([
    { value: 1234.5, text: "1,235" },
    { value: 123.4, text: "123" },
    { value: 12.34, text: "12.3" },
    { value: 1.234, text: "1.23" },
    { value: 0, text: "0.00" },
  ])("$value is measured as $text", ({ value, text }) => {
    expect(readable(value)).toBe(text);
  });

  it("what is counted has no point", () => {
    expect([50, 1000, 50_000].map(counted)).toEqual(["50", "1,000", "50,000"]);
  });

  it("a median stands with the least and the most", () => {
    expect(medianAndSpread([12, 14.5, 9], "ms")).toBe("12.0 ms (9.00–14.5)");
  });
});
