import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { nodePaths } from "@tutti/node-v1";
import { readRecorded } from "../recordings/exchanges.ts";
import { exchangeBytes } from "../wire/raw-exchange.ts";
import { startWorld, TestAgent, TestScheduler } from "../worlds/http-world.ts";
import type { World } from "../worlds/http-world.ts";
import { launch } from "../worlds/play.ts";
import { anyRequest, changedBody, changedCall, recordedCalls } from "./requests.ts";
import type { OddRequest } from "./requests.ts";
import { expectRefusedOrDone, expectUntouched } from "./surface.ts";

const paths = [
  ..."/state /state-summary /slaves /frameworks /tasks /roles /flags /version /health".split(" "),
  ..."/redirect /weights /quota /quota/x /maintenance/schedule /maintenance/status".split(" "),
  ..."/machine/down /teardown /reserve /create-volumes /metrics/snapshot".split(" "),
  ..."/logging/toggle /files/browse /files/read /files/download /files/debug".split(" "),
  ..."/master/state /master/tasks/ /api/v1 /master/api/v1 /api/v1/scheduler".split(" "),
  ...Object.values(nodePaths),
];

const calls = recordedCalls().filter(({ port }) => port === 5050);

describe("[MST91] requests that nobody would send", () => {
  let world: World;
  let agent: TestAgent;
  let scheduler: TestScheduler;
  beforeAll(async () => {
    world = await startWorld();
    agent = await TestAgent.dial(world);
    scheduler = await TestScheduler.subscribe(world, { name: "fuzz" });
    await launch(agent, scheduler, "t-1");
  });
  afterAll(() => world.end());

  it("there are enough calls to change", () => {
    expect(calls.length).toBeGreaterThan(200);
  });

  it("anything, without the secret: no bug, and nothing has changed", () =>
    expectUntouched(world.master.url, anyRequest(paths)));

  it("changed calls, without the secret: no bug, and nothing has changed", () =>
    expectUntouched(world.master.url, changedCall(calls, asNow)));

  it("changed calls, with the secret: what is refused changes nothing", () =>
    expectRefusedOrDone(world.master.url, changedCall(calls, asNow), inStream));

  it("changed words of an agent, with the secret: no bug", async () => {
    const welcome = await agent.message("welcome");
    const tasks = (await agent.message("launchTask")).task;
    const hello = {
      versionMin: 1,
      versionMax: 1,
      capabilities: ["MULTI_ROLE"],
      bootId: "b",
      release: "0.1.0",
      epochSeen: 0,
      agent: { hostname: "h", id: { value: welcome.agentId }, resources: tasks.resources },
      tasks: [
        {
          ...{ name: "t", task_id: { value: "t-2" }, state: "TASK_RUNNING", statuses: [] },
          ...{ framework_id: { value: await scheduler.frameworkId() }, resources: tasks.resources },
          agent_id: { value: welcome.agentId },
        },
      ],
      frameworks: [{ user: "u", name: "n", id: { value: await scheduler.frameworkId() } }],
    };
    const status = {
      task_id: { value: "t-1" },
      state: "TASK_RUNNING",
      uuid: "AAAAAAAAAAAAAAAAAAAAAA==",
    };
    const frameworkId = await scheduler.frameworkId();
    const update = { type: "statusUpdate", frameworkId, status, latestState: "TASK_RUNNING" };
    const post = { acknowledged: 1, messages: [{ seq: 9, message: update }] };
    await expectRefusedOrDone(
      world.master.url,
      fc.oneof(changedBody(nodePaths.stream, hello), changedBody(nodePaths.messages, post)),
      (request) =>
        Promise.resolve({
          ...request,
          headers: {
            ...request.headers,
            Authorization: `Bearer ${world.secret}`,
            "tutti-session": welcome.sessionId,
          },
        }),
    );
  });

  it("bytes that are hardly HTTP: every connection is answered or closed, others are served", async () => {
    const recorded = Object.values(readRecorded("raw_wire.json") as object) as {
      readonly sent: string;
    }[];
    const changed = fc.tuple(
      fc.constantFrom(...recorded.map(({ sent }) => sent.replace("Host: x", "Host: 127.0.0.1"))),
      fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 4 }),
      fc.option(fc.nat(), { freq: 1 }),
    );
    const port = Number(new URL(world.master.url).port);
    const outcomes = fc.sample(changed, 150).map(async ([sent, bytes, cut]) => {
      const outcome = await exchangeBytes(port, spoil(sent, bytes, cut), 3);
      return outcome.answers.map((answer) => answer.status);
    });
    expect((await world.send({ method: "GET", path: "/health" })).status).toBe(200);
    expect((await Promise.all(outcomes)).flat()).not.toContain(500);
  });

  /** Ids of the recordings become those of now, so that calls get further than their first check. */
  function asNow(text: string): string {
    const ids: readonly (readonly [RegExp, string | undefined])[] = [
      [/[0-9a-f-]{36}-S\d+/gu, agent.knownId],
      [/[0-9a-f-]{36}-O\d+/gu, scheduler.openOffers()[0]?.id.value],
      [/[0-9a-f-]{36}-\d{4}/gu, scheduler.knownId],
    ];
    return ids.reduce(
      (now, [pattern, id]) => (id === undefined ? now : now.replace(pattern, id)),
      text,
    );
  }

  /** With the secret, in the stream of the framework, which subscribes again when a call has ended it. */
  async function inStream(request: OddRequest): Promise<OddRequest> {
    if (scheduler.inbox.isOver) {
      scheduler = await TestScheduler.subscribe(world, { name: "fuzz" });
      await scheduler.frameworkId();
    }
    const headers = {
      ...request.headers,
      Authorization: `Bearer ${world.secret}`,
      ...(request.path.endsWith("/scheduler") ? { "Mesos-Stream-Id": scheduler.streamId } : {}),
    };
    return { ...request, headers };
  }
});

/** Some bytes are others, and the rest from somewhere on is missing. */
function spoil(
  sent: string,
  bytes: readonly (readonly [number, number])[],
  cut: number | null,
): string {
  const spoilt = Buffer.from(sent, "latin1");
  for (const [place, byte] of bytes) spoilt[place % spoilt.length] = byte;
  const end = cut === null ? spoilt.length : cut % (spoilt.length + 1);
  return spoilt.subarray(0, end).toString("latin1");
}
