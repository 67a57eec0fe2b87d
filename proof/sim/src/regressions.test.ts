import { describe, expect, it } from "vitest";
import { shortNames } from "./names/testing/short-seed.ts";
import { describeFailure } from "./report.ts";
import { runSeed } from "./run-seed.ts";
import type { SeedOptions } from "./run-seed.ts";

interface BrokenOnce {
  readonly seed: number;
  /** The bug of the product that broke it. */
  readonly what: string;
  readonly options?: Partial<SeedOptions>;
}

/** Chosen anew when the drawing of faults changes: with the bug put back, these are the first to break. */
const broken: readonly BrokenOnce[] = [
  {
    seed: 1,
    what: "an ACCEPT that arrived twice buried the task it had launched, which was killed as a stranger",
  },
  { seed: 2, what: "the same, and the task ran on as an orphan" },
  {
    seed: 14,
    what: "an end that came with an older status sent again was not told to operators, and its backend stayed",
    options: shortNames,
  },
  {
    seed: 91,
    what: "a master that was cut off led on beside its successor, and a task was killed by its word (COO20)",
    options: { masters: 3 },
  },
];

describe("[SIM26] seeds that were broken once", () => {
  it.each(broken)("seed $seed: $what", ({ seed, options }) => {
    const report = runSeed(seed, options);
    expect(report.failure, describeFailure(report)).toBeUndefined();
  });
});
