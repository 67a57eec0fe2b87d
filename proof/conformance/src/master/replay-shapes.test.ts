import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { differencesOfAnswer } from "../recordings/compare.ts";
import { readExchange } from "../recordings/exchanges.ts";
import { expectAsRecorded } from "../recordings/exceptions.ts";
import type { ShapeRules } from "../recordings/shape.ts";
import { filesOf } from "../recordings/suites.ts";
import { startWorld } from "../worlds/http-world.ts";
import type { TestScheduler, World } from "../worlds/http-world.ts";
import { launch, play, report } from "../worlds/play.ts";
import { replay } from "../worlds/replay.ts";

const shapes: ShapeRules = {
  // Mesos's HTTP schedulers have no pid; those of libprocess have.
  mayHave: [/frameworks\[\]\.pid$/],
  mayLack: [
    // A field of Mesos's inner schema that its v1 schema does not have.
    /\.agent_info\.checkpoint$/,
    // The agent of this test runs no processes.
    /\.executor_pid$/,
  ],
  dictionaries: [],
};

/** Names of frameworks and of their roles are part of names of metrics. */
const metricsShapes: ShapeRules = {
  mayHave: [/^\.master\/frameworks\//],
  mayLack: [
    /^\.master\/frameworks\//,
    // A role without a name is an accident of the original.
    /roles\/\//,
  ],
  dictionaries: [],
};

/** An offer of what is left has to be out, as it was when it was recorded. */
async function awaitSecondOffer(reads: TestScheduler): Promise<void> {
  await reads.event((event) =>
    reads.events.filter((one) => one.type === "OFFERS").length > 1 ? event : undefined,
  );
}

/** Replays what was recorded of a state: the reads of the v0 endpoints and of the operator API. */
async function compare(world: World, state: "empty" | "running" | "with_pod" | "after_task") {
  const failures: string[] = [];
  for (const file of filesOf("master reads")) {
    if (!file.startsWith(`master_${state}/`) && !file.startsWith(`operator_${state}/`)) continue;
    const exchange = readExchange(file);
    const answer = await replay(world, exchange);
    const differences = differencesOfAnswer(exchange, answer, { shapes: rulesOf(file) });
    try {
      expectAsRecorded(file, differences);
    } catch (error) {
      failures.push(`${file}: ${differences.join(", ")} ${String(error).slice(0, 80)}`);
    }
  }
  expect(failures).toEqual([]);
}

function rulesOf(file: string): ShapeRules {
  return /metrics/iu.test(file) ? metricsShapes : shapes;
}

describe("answers have the keys and types that were recorded", () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld();
  });
  afterAll(() => world.end());

  it("[MST80] [MST82] of an empty master", () => compare(world, "empty"));

  it("[MST80] [MST82] with a task that runs, and after it", async () => {
    const { agent, reads } = await play(world);
    await launch(agent, reads, "t-files");
    await awaitSecondOffer(reads);
    await compare(world, "running");
    await compare(world, "with_pod");
    await report(agent, reads, "t-files", "TASK_KILLING", "c");
    await report(agent, reads, "t-files", "TASK_KILLED", "d");
    await compare(world, "after_task");
  });
});
