import { afterAll, describe, expect, it } from "vitest";
import { describeFailure, describeTotal } from "../report.ts";
import { runSeed } from "../run-seed.ts";
import type { SeedReport } from "../run-seed.ts";
import { faultKinds } from "../scenario/fault-kinds.ts";

/** Some of the seeds of the test command: one file of them, so that each core has its own. */
interface Seeds {
  readonly from: number;
  readonly count: number;
  readonly masters: number;
}

/** Runs the seeds: each must be good and as large as a seed is to be; together they meet every fault. */
export function testSeeds({ from, count, masters }: Seeds): void {
  const seeds = Array.from({ length: count }, (_, at) => from + at);
  describe(`[SIM13] every seed ends as its users want it, with ${masters} masters`, () => {
    const reports: SeedReport[] = [];
    const begunMs = performance.now();
    const begun = process.cpuUsage();

    afterAll(() => {
      const { user, system } = process.cpuUsage(begun);
      const cpuMs = (user + system) / 1_000;
      console.log(describeTotal(reports, { realMs: performance.now() - begunMs, cpuMs }));
    });

    it.each(seeds)("seed %i", (seed) => {
      const report = runSeed(seed, { masters });
      reports.push(report);
      expect(report.failure, describeFailure(report)).toBeUndefined();
      let faults = 0;
      for (const number of report.faults.values()) faults += number;
      expect(faults).toBeGreaterThanOrEqual(20);
      expect(report.commands).toBeGreaterThanOrEqual(100);
    });

    it.each(faultKinds)("[SIM27] $kind befalls them", ({ kind }) => {
      const drawn = reports.filter(({ faults }) => faults.has(kind)).length;
      expect(drawn).toBeGreaterThanOrEqual(count / 10);
    });
  });
}
