import { expect, it } from "vitest";
import { runChaos } from "./chaos/run-chaos.ts";

/** Long enough for some twenty faults; `./tutti chaos --minutes 20` goes on. */
const stormMs = 45_000;
/** At least: it goes on until an agent was lost, 20 to 24 s after it was cut off, and its tasks run elsewhere. */
const lossStormMs = 40_000;

it("[GF12] a minute of kills, stops and cuts under a load of deployments: everything ends as it was asked for", async () => {
  const { journal, failure } = await runChaos({
    seed: 27,
    forMs: stormMs,
    agentLosses: "none",
    print: () => undefined,
  });
  expect(failure, journal.lines.join("\n")).toBeUndefined();
  // The storm took place.
  expect(journal.counted("created"), journal.summary()).toBeGreaterThan(0);
  const hurt = ["killed", "stopped"].flatMap((how) =>
    ["master", "services", "agent", "node"].map((what) => journal.counted(`${what} ${how}`)),
  );
  expect(hurt.filter((count) => count > 0).length, journal.summary()).toBeGreaterThanOrEqual(4);
  expect(journal.counted("tasks stopped"), journal.summary()).toBeGreaterThanOrEqual(2);
}, 420_000);

it("[GF13] an agent is lost among other faults, its tasks run elsewhere, and it comes back", async () => {
  const { journal, failure } = await runChaos({
    seed: 3,
    forMs: lossStormMs,
    agentLosses: "soon",
    print: () => undefined,
  });
  expect(failure, journal.lines.join("\n")).toBeUndefined();
  expect(journal.counted("agents lost"), journal.summary()).toBeGreaterThanOrEqual(1);
  expect(journal.counted("losses replaced"), journal.summary()).toBeGreaterThanOrEqual(1);
}, 420_000);
