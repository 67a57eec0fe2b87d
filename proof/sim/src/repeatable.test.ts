import { describe, expect, it } from "vitest";
import { createCluster } from "@tutti/simulator";
import { runSeed } from "./run-seed.ts";
import { withoutClock } from "./without-clock.ts";

const short = { activeMs: 120_000, actions: 40, faults: 8 };

describe("a simulation", () => {
  it("[SIM20] is the same for the same seed", () => {
    const [one, two] = [runSeed(7, short, 10_000), runSeed(7, short, 10_000)];
    expect(two.traceHash).toBe(one.traceHash);
    expect(two.narrative).toEqual(one.narrative);
    expect(runSeed(8, short).traceHash).not.toBe(one.traceHash);
  });

  it("[SIM20] is the same for the same seed with three masters", () => {
    const options = { ...short, masters: 3 };
    expect(runSeed(7, options).traceHash).toBe(runSeed(7, options).traceHash);
  });

  it("[SIM21] is the same whether messages go through their JSON or not", () => {
    const none = runSeed(9, { ...short, codecShare: 0 }, 10_000);
    const all = runSeed(9, { ...short, codecShare: 1 }, 10_000);
    expect(all.failure).toBeUndefined();
    expect(all.narrative).toEqual(none.narrative);
  });

  it("[SIM22] cannot ask for the real time or real chance", () => {
    expect(() => withoutClock(() => Date.now())).toThrow("the real time");
    expect(() => withoutClock(() => new Date())).toThrow("the real time");
    expect(() => withoutClock(() => Math.random())).toThrow("real chance");
    expect(Date.now()).toBeGreaterThan(0);
    const run = () => createCluster(1).start().run(5_000).trace.count;
    expect(withoutClock(run)).toBeGreaterThan(0);
  });
});
