import { afterAll, describe, expect, it } from "vitest";
import { describeFailure, describeTotal } from "./report.ts";
import { runSeed } from "./run-seed.ts";
import type { SeedReport } from "./run-seed.ts";

const seeds = Array.from({ length: 50 }, (_, at) => at + 1);

describe("[SIM13] every seed ends as its users want it", () => {
  const reports: SeedReport[] = [];
  const begunMs = performance.now();

  afterAll(() => {
    console.log(describeTotal(reports, performance.now() - begunMs));
  });

  it.each(seeds)("seed %i", (seed) => {
    const report = runSeed(seed);
    reports.push(report);
    expect(report.failure, describeFailure(report)).toBeUndefined();
    let faults = 0;
    for (const count of report.faults.values()) faults += count;
    expect(faults).toBeGreaterThanOrEqual(20);
    expect(report.commands).toBeGreaterThanOrEqual(100);
  });
});
