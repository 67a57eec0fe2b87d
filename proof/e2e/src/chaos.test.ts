import { expect, it } from "vitest";
import { runChaos } from "./chaos/run-chaos.ts";

/** Long enough for some twenty faults; `./tutti chaos --minutes 20` goes on. */
const stormMs = 45_000;

it("[GF12] a minute of kills, stops and cuts under a load of deployments: everything ends as it was asked for", async () => {
  const { journal, failure } = await runChaos({
    seed: 4,
    forMs: stormMs,
    print: () => undefined,
  });
  expect(failure, journal.lines.join("\n")).toBeUndefined();
  // The storm took place.
  expect(journal.counted("created"), journal.summary()).toBeGreaterThan(0);
  const hurt = ["killed", "stopped"].flatMap((how) =>
    ["master", "services", "agent", "node"].map((what) => journal.counted(`${what} ${how}`)),
  );
  expect(hurt.filter((count) => count > 0).length, journal.summary()).toBeGreaterThanOrEqual(4);
}, 420_000);
