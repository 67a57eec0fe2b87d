import { describe, expect, it } from "vitest";
import { describeFailure } from "./report.ts";
import { runSeed } from "./run-seed.ts";
import type { SeedOptions } from "./run-seed.ts";

interface BrokenOnce {
  readonly seed: number;
  /** The bug of the product that broke it. */
  readonly what: string;
  readonly options?: Partial<SeedOptions>;
}

const broken: readonly BrokenOnce[] = [
  {
    seed: 33,
    what: "an ACCEPT that arrived twice buried the task it had launched, which ran on as an orphan",
  },
  { seed: 58, what: "the same, while the app was young" },
];

describe("[SIM26] seeds that were broken once", () => {
  it.each(broken)("seed $seed: $what", ({ seed, options }) => {
    const report = runSeed(seed, options);
    expect(report.failure, describeFailure(report)).toBeUndefined();
  });
});
