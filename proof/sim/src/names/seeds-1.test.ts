import { expect, it } from "vitest";
import { runSeed } from "../run-seed.ts";
import { testNamesSeeds } from "./testing/seeds-suite.ts";
import { shortNames } from "./testing/short-seed.ts";

testNamesSeeds(1, 24, 1);

it("[SIM20] a seed with names is the same for the same seed", () => {
  const [one, two] = [runSeed(7, shortNames, 10_000), runSeed(7, shortNames, 10_000)];
  expect(two.narrative).toEqual(one.narrative);
  expect(two.events).toBe(one.events);
});
