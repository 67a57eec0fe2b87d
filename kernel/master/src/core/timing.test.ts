import { describe, expect, it } from "vitest";
import { limits } from "./limits.ts";
import { Timing } from "./timing.ts";

function shown(...times: readonly number[]): Record<string, number> {
  const timing = new Timing();
  for (const ms of times) timing.add(ms);
  const metrics = new Map<string, number>();
  timing.show("t", metrics);
  return Object.fromEntries(metrics);
}

describe("[MST81] timings", () => {
  it("are absent until something was measured, and one value has no percentiles", () => {
    expect(shown()).toEqual({});
    expect(shown(7)).toEqual({ t: 7 });
  });

  it("show the last value, and of all how they are spread", () => {
    expect(shown(4, 2, 3, 1, 5)).toMatchObject({
      t: 5,
      "t/count": 5,
      "t/min": 1,
      "t/max": 5,
      "t/p50": 3,
      "t/p90": 4.6,
    });
  });

  it("forget the oldest", () => {
    const times = Array.from({ length: limits.timingSamplesMax + 10 }, (_, index) => index);
    expect(shown(...times)).toMatchObject({ "t/count": limits.timingSamplesMax, "t/min": 10 });
  });
});
