import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { messages, toProtobuf } from "@tutti/mesos-v1";
import { differencesOfAnswer } from "../recordings/compare.ts";
import { expectAsRecorded } from "../recordings/exceptions.ts";
import { readExchange, translate } from "../recordings/exchanges.ts";
import type { ShapeRules } from "../recordings/shape.ts";
import { drainFiles } from "../recordings/suites.ts";
import { eventually, startWorld, TestAgent, TestScheduler } from "../worlds/http-world.ts";
import type { World } from "../worlds/http-world.ts";
import { launch, report } from "../worlds/play.ts";
import { replay } from "../worlds/replay.ts";

const shapes: ShapeRules = {
  mayHave: [],
  mayLack: [/\.agent_info\.checkpoint$/],
  dictionaries: [],
};

/** The agents of that day. */
const theirAgents = [
  "499cdc48-a08a-4c7e-8a4a-265f8ebba99e-S0",
  "2c0d006c-6ace-46e9-831d-66abb4804282-S0",
  "5c3ef8ac-8ea4-4167-8f72-cbfe44448964-S0",
];

/** The task of an agent, from its launch to its end, in the order of the recordings. */
describe("an agent deactivated, drained and reactivated, as recorded", () => {
  let world: World;
  let agent: TestAgent;
  let scheduler: TestScheduler;
  let agentId: string;
  const replayed: string[] = [];

  beforeAll(async () => {
    world = await startWorld();
    agent = await TestAgent.dial(world, { capabilities: ["MULTI_ROLE", "AGENT_DRAINING"] });
    agentId = await agent.id();
    scheduler = await TestScheduler.subscribe(world, { name: "ops" });
    await launch(agent, scheduler, "t-ops");
  });
  afterAll(() => world.end());

  async function asRecorded(...names: readonly string[]): Promise<void> {
    for (const name of names) {
      const recorded = readExchange(`operator_writes/${name}.json`);
      const exchange = translate(
        recorded,
        theirAgents.map((id) => [id, agentId] as const),
      );
      const answer = await replay(world, exchange);
      expectAsRecorded(exchange.file, differencesOfAnswer(exchange, answer, { shapes }));
      expect(drainStateOf(answer.text), name).toBe(drainStateOf(bodyText(exchange)));
      replayed.push(exchange.file);
    }
  }

  async function drained(): Promise<void> {
    await eventually("the end of the drain", async () =>
      JSON.stringify(await world.json("/slaves")).includes("DRAINED") ? true : undefined,
    );
  }

  /** As many orders to drain have reached the agent. */
  async function ordered(count: number): Promise<void> {
    await eventually("the order to drain", () =>
      agent.messages.filter(({ type }) => type === "drainAgent").length >= count ? true : undefined,
    );
  }

  it("[MST110] [MST111] it is deactivated and reactivated", async () => {
    await asRecorded(
      "80_DEACTIVATE_AGENT",
      "81_GET_AGENTS",
      "82_REACTIVATE_AGENT",
      "83_DEACTIVATE_unknown",
      "84_REACTIVATE_active",
    );
  });

  it("[MST112] [MST113] it is drained when its task has ended and everybody knows", async () => {
    await asRecorded("85_DRAIN_AGENT", "86_GET_AGENTS_draining");
    expect(await agent.message("drainAgent")).toEqual({
      type: "drainAgent",
      maxGraceMs: 1000,
      markGone: false,
    });
    await report(agent, scheduler, "t-ops", "TASK_KILLING", "c");
    await report(agent, scheduler, "t-ops", "TASK_KILLED", "d");
    await drained();
    await asRecorded("87_GET_AGENTS_drained", "88_GET_slaves_drained");
  });

  it("[MST111] [MST112] drained again, it is draining until it knows", async () => {
    await asRecorded("89_DRAIN_AGENT_again", "90_REACTIVATE_AGENT");
    await asRecorded("91_DRAIN_bad_duration", "91_DRAIN_string_duration");
  });

  it("[MST113] an idle agent is drained as soon as it knows", async () => {
    await scheduler.call({ type: "TEARDOWN" });
    await asRecorded("94_DRAIN_idle_agent");
    await ordered(3);
    await agent.post({ type: "pong" });
    await drained();
    await asRecorded("95_GET_AGENTS_drained", "96_REACTIVATE_AGENT", "97_GET_AGENTS_reactivated");
  });

  it("[MST112] a negative grace is none, an unknown agent is refused", async () => {
    await asRecorded("98_DRAIN_negative", "98b_DRAIN_unknown");
    await ordered(4);
    expect(agent.messages.at(-1)).toMatchObject({ type: "drainAgent", maxGraceMs: 0 });
  });

  it("[MST112] the same in Protocol Buffers", async () => {
    const call = {
      type: "DRAIN_AGENT" as const,
      drain_agent: {
        agent_id: { value: agentId },
        max_grace_period: { seconds: 90, nanos: 5 },
        mark_gone: false,
      },
    };
    const answer = await world.send({
      method: "POST",
      path: "/api/v1",
      headers: { "Content-Type": "application/x-protobuf", Accept: "application/x-protobuf" },
      body: toProtobuf(messages.MasterCall, call),
    });
    expect(answer.status).toBe(200);
    const agents = (await world.operator({ type: "GET_AGENTS" })).text;
    expect(agents).toContain('"max_grace_period":{"nanoseconds":90000000005}');
  });

  it("every recorded call about drains is replayed", () => {
    expect(replayed.toSorted()).toEqual(drainFiles());
  });
});

function bodyText({ response }: ReturnType<typeof readExchange>): string {
  return JSON.stringify(response.body?.json ?? {});
}

/** What an answer shows of the agent's state. */
function drainStateOf(text: string): string {
  const pick = (pattern: RegExp): string => pattern.exec(text)?.[1] ?? "-";
  return [
    pick(/"active":(\w+),"deactivated"/),
    pick(/"deactivated":(\w+)/),
    pick(/"drain_info":\{"state":"(\w+)"/),
    pick(/("config":\{[^}]*\})/).replace(".0", ""),
  ].join(" ");
}
