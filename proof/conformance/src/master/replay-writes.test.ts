import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { differencesOfAnswer } from "../recordings/compare.ts";
import { readExchange, readRecorded, translate } from "../recordings/exchanges.ts";
import type { GoldenExchange } from "../recordings/exchanges.ts";
import { expectAsRecorded } from "../recordings/exceptions.ts";
import type { ShapeRules } from "../recordings/shape.ts";
import { drainFiles, filesOf } from "../recordings/suites.ts";
import { eventually, startWorld, TestAgent } from "../worlds/http-world.ts";
import type { World } from "../worlds/http-world.ts";
import { launch, play, report } from "../worlds/play.ts";
import { replay } from "../worlds/replay.ts";

const shapes: ShapeRules = {
  mayHave: [/frameworks\[\]\.pid$/],
  mayLack: [/\.agent_info\.checkpoint$/, /\.executor_pid$/],
  dictionaries: [],
};

/** The id of the agent of the recorded writes. */
const theirAgent =
  /"(?:agent_id|slaveId)":\s*(?:\{"value":\s*)?"([0-9a-f-]{36}-S0)"|slaveId=([0-9a-f-]{36}-S0)/;

describe("operators' writes, as recorded", () => {
  let world: World;
  let ids: [string, string][];
  beforeAll(async () => {
    world = await startWorld();
    const agent = await TestAgent.dial(world);
    const agentId = await agent.id();
    const theirs = new Set(
      writes().flatMap((file) => {
        const match = theirAgent.exec(JSON.stringify(readRecorded(file)).replaceAll('\\"', '"'));
        const id = match?.[1] ?? match?.[2];
        return id === undefined ? [] : [id];
      }),
    );
    ids = [...theirs].map((id) => [id, agentId]);
  });
  afterAll(() => world.end());

  it.each(writes())("[MST70] [MST71] %s", async (file) => {
    await expectReplayed(world, translate(readExchange(file), ids));
  });

  function writes(): readonly string[] {
    const elsewhere = drainFiles();
    return filesOf("operator writes").filter(
      (file) => file.startsWith("operator_writes/") && !elsewhere.includes(file),
    );
  }
});

describe("a framework that has disconnected, as recorded", () => {
  let world: World;
  let frameworkId: string;
  beforeAll(async () => {
    world = await startWorld();
    const { agent, reads } = await play(world);
    await launch(agent, reads, "t-files");
    await report(agent, reads, "t-files", "TASK_KILLED", "c");
    frameworkId = await reads.frameworkId();
    reads.leave();
    await eventually("its absence", async () => {
      const { frameworks } = (await world.json("/frameworks")) as {
        readonly frameworks: readonly { readonly active: boolean }[];
      };
      return frameworks.every(({ active }) => !active) ? true : undefined;
    });
  });
  afterAll(() => world.end());

  it.each([
    "GET_FRAMEWORKS",
    "GET_frameworks",
    "http_teardown",
    "http_teardown_noid",
    "operator_TEARDOWN_unknown",
    "operator_TEARDOWN",
    "GET_FRAMEWORKS_completed",
  ])("[MST33] [MST35] %s", async (name) => {
    const exchange = readExchange(`framework_disconnected/${name}.json`);
    const ids = [["cec2a90a-fbc4-4b2f-9d9b-8785d9f76f53-0003", frameworkId]] as const;
    await expectReplayed(world, translate(exchange, ids));
  });
});

async function expectReplayed(world: World, exchange: GoldenExchange): Promise<void> {
  const answer = await replay(world, exchange);
  expectAsRecorded(exchange.file, differencesOfAnswer(exchange, answer, { shapes }));
}

describe("volumes, as recorded", () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld();
    await TestAgent.dial(world);
  });
  afterAll(() => world.end());

  it.each(filesOf("operator writes").filter((file) => file.startsWith("state_with_volume/")))(
    "%s",
    async (file) => {
      await expectReplayed(world, readExchange(file));
    },
  );
});

it("every recorded write is replayed", () => {
  const elsewhere = filesOf("operator writes").filter(
    (file) => !/^(operator_writes|framework_disconnected|state_with_volume)\//.test(file),
  );
  // What aborted the original is a test of its own.
  expect(elsewhere).toEqual(["crash/11_pod_launch_group.json", "crash/17_REMOVE_QUOTA_again.json"]);
});
