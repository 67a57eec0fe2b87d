import { describe, expect, it } from "vitest";
import { eachInFlight } from "./in-flight.ts";

describe("each in flight", () => {
  it.each([
    { count: 0, max: 3 },
    { count: 2, max: 3 },
    { count: 50, max: 3 },
  ])("[CLI51] $count items, at most $max at the same time, each once", async ({ count, max }) => {
    const items = Array.from({ length: count }, (_, at) => at);
    const done: number[] = [];
    let running = 0;
    let runningMax = 0;
    await eachInFlight(items, max, async (item) => {
      running += 1;
      runningMax = Math.max(runningMax, running);
      await Promise.resolve();
      done.push(item);
      running -= 1;
    });
    expect(done.toSorted((a, b) => a - b)).toEqual(items);
    expect(runningMax).toBe(Math.min(count, max));
  });
});
