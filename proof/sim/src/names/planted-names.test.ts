import { describe, expect, it } from "vitest";
import type { PlantedBug } from "@tutti/simulator";
import { runSeed } from "../run-seed.ts";
import { shortNames } from "./testing/short-seed.ts";

const seedsMax = 200;

const planted: readonly { readonly bug: PlantedBug; readonly rules: RegExp }[] = [
  { bug: "absenceRemoves", rules: /SIM60/ },
  { bug: "resumeFromWrongVersion", rules: /SIM62/ },
  { bug: "nameBeforeDataplane", rules: /SIM61/ },
  { bug: "holdReleasedEarly", rules: /SIM63/ },
  { bug: "namesOutliveTasks", rules: /SIM64/ },
  { bug: "endUnheard", rules: /SIM65/ },
  { bug: "refusalUnheard", rules: /SIM61/ },
  { bug: "heldTooEarly", rules: /SIM66/ },
];

describe("[SIM23] a bug that is planted into names and virtual IPs is found", () => {
  it.each(planted)("$bug", ({ bug, rules }) => {
    for (let seed = 1; seed <= seedsMax; seed += 1) {
      const { failure } = runSeed(seed, { ...shortNames, plantedBugs: [bug] });
      if (failure === undefined) continue;
      expect(failure.message).toMatch(rules);
      console.log(`${bug} is found by seed ${seed} ${failure.message}`);
      return;
    }
    expect.fail(`${bug} is not found within ${seedsMax} seeds`);
  });
});
