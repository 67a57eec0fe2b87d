import { describe, expect, it } from "vitest";
import { describeFailure } from "../../report.ts";
import { runSeed } from "../../run-seed.ts";
import { shortNames } from "./short-seed.ts";

/** Runs some of the seeds with names of the test command: one file of them, so that each core has its own. */
export function testNamesSeeds(from: number, count: number, masters: number): void {
  const seeds = Array.from({ length: count }, (_, at) => from + at);
  describe(`[SIM64] every seed ends with the same names and VIPs on all machines, with ${masters} masters`, () => {
    it.each(seeds)("seed %i", (seed) => {
      const report = runSeed(seed, { ...shortNames, masters });
      expect(report.failure, describeFailure(report)).toBeUndefined();
      expect(report.commands).toBeGreaterThanOrEqual(40);
    });
  });
}
