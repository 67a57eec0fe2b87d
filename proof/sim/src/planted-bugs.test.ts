import { describe, expect, it } from "vitest";
import type { PlantedBug } from "@tutti/simulator";
import { describeFailure } from "./report.ts";
import { runSeed } from "./run-seed.ts";
import type { SeedOptions } from "./run-seed.ts";

const seedsMax = 200;
const short = { activeMs: 240_000, actions: 60, faults: 16, apps: 15, agents: 6 };

interface Planted {
  readonly bug: PlantedBug;
  /** The rules whose checkers may be the first to see it. */
  readonly rules: RegExp;
  readonly options?: Partial<SeedOptions>;
}

const planted: readonly Planted[] = [
  { bug: "skippedFence", rules: /SIM10/, options: { masters: 3 } },
  { bug: "lostAcknowledgement", rules: /SIM13/ },
  { bug: "doubledLaunch", rules: /SIM1\b/ },
  { bug: "checkpointAfterMessage", rules: /SIM(2|8|11|12|13)\b/ },
];

describe("[SIM23] a planted bug is found", () => {
  it.each(planted)("$bug", ({ bug, rules, options }) => {
    for (let seed = 1; seed <= seedsMax; seed += 1) {
      const { failure } = runSeed(seed, { ...short, ...options, plantedBugs: [bug] });
      if (failure === undefined) continue;
      expect(failure.message).toMatch(rules);
      console.log(`${bug} is found by seed ${seed} ${failure.message}`);
      return;
    }
    expect.fail(`${bug} is not found within ${seedsMax} seeds`);
  });

  it.each([1, 3])("and without one the same seeds are good, with %i masters", (masters) => {
    for (let seed = 1; seed <= 6; seed += 1) {
      const report = runSeed(seed, { ...short, masters });
      expect(report.failure, describeFailure(report)).toBeUndefined();
    }
  });
});
