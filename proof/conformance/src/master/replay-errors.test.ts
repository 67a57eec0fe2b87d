import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { differencesOfAnswer } from "../recordings/compare.ts";
import { exchangesIn, readExchange, translate } from "../recordings/exchanges.ts";
import type { GoldenExchange } from "../recordings/exchanges.ts";
import { expectAsRecorded } from "../recordings/exceptions.ts";
import { filesOf } from "../recordings/suites.ts";
import { startWorld, TestAgent, TestScheduler } from "../worlds/http-world.ts";
import type { World } from "../worlds/http-world.ts";
import { OperatorWatch } from "../worlds/operator-watch.ts";
import { replay } from "../worlds/replay.ts";

/** Texts that depend on Mesos's own libraries, and answers that hold the state of that day. */
const isFreeText = (text: string): boolean => text === "" || text.includes("syntax error at line");

describe("wrong requests to the master, as recorded", () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld();
  });
  afterAll(() => world.end());

  it.each(filesOf("master errors"))("[MST91] %s", async (file) => {
    const address = ["127.0.0.1:5050", new URL(world.master.url).host] as const;
    await expectReplayed(world, translate(readExchange(file), [address]));
  });
});

describe("wrong requests to the scheduler API, as recorded", () => {
  let world: World;
  let watch: OperatorWatch;
  let scheduler: TestScheduler;
  /** Ids of the recording and what stands for them here. */
  let ids: readonly (readonly [string, string])[];
  beforeAll(async () => {
    world = await startWorld();
    watch = await OperatorWatch.open(world);
    scheduler = await TestScheduler.subscribe(world, { name: "err", failover_timeout: 0 });
    ids = [
      ["cec2a90a-fbc4-4b2f-9d9b-8785d9f76f53-0002", await scheduler.frameworkId()],
      ["a0f84d09-31ab-4a78-8baf-01da16ebb892", scheduler.streamId],
    ];
  });
  afterAll(() => world.end());

  // The scheduler of these tests is the stream that was recorded in the first of these.
  const later = new Set([
    "stream.json",
    "failover_second.json",
    "old_stream_id_after_failover.json",
    "call_after_teardown.json",
    "resubscribe_after_teardown.json",
  ]);
  const all = exchangesIn("scheduler_errors").filter(
    ({ file }) => !later.has(file.split("/")[1] ?? ""),
  );
  const whole = all.filter(({ events }) => events === undefined);
  const streams = all.filter(({ events }) => events !== undefined);

  it.each(whole.map(({ file }) => file))("[MST91] %s", async (file) => {
    await expectReplayed(world, translate(readExchange(file), ids));
  });

  it.each(streams.map((exchange) => [exchange.file, exchange] as const))(
    "[MST31] %s",
    async (_file, exchange) => {
      const first = exchange.events?.find((event) => event.dir === "event")?.body as
        | { readonly type: string; readonly error?: { readonly message: string } }
        | undefined;
      if (exchange.response.status !== 200) {
        expect((await replay(world, exchange)).status).toBe(exchange.response.status);
        return;
      }
      const { subscribe } = exchange.request.body as {
        readonly subscribe: { readonly framework_info: object };
      };
      const info = { capabilities: [], ...subscribe.framework_info };
      const other = await TestScheduler.subscribe(world, info);
      const event = await other.event((one) => one);
      expect(event.type).toBe(first?.type);
      expect(event.error?.message).toBe(first?.error?.message);
      other.leave();
    },
  );

  it("[MST32] failing over and tearing down, in the order of the recording", async () => {
    const second = await TestScheduler.subscribe(world, {
      name: "err",
      failover_timeout: 0,
      id: { value: await scheduler.frameworkId() },
    });
    const error = await scheduler.event((event) => event.error);
    expect(error.message).toBe("Framework failed over");
    const old = readExchange("scheduler_errors/old_stream_id_after_failover.json");
    await expectReplayed(world, translate(old, ids));
    expect((await second.call({ type: "TEARDOWN" })).status).toBe(202);
    const after = readExchange("scheduler_errors/call_after_teardown.json");
    await expectReplayed(world, translate(after, ids));
    const again = await TestScheduler.subscribe(world, {
      name: "err",
      id: { value: await scheduler.frameworkId() },
    });
    expect((await again.event((event) => event.error)).message).toBe("Framework has been removed");
  });

  it("[MST72] what operators are told of it", async () => {
    const file = "operator_stream/through_sched_errors.json";
    expectAsRecorded(file, await watch.differencesOf(file, undefined, 1000));
    watch.close();
  });
});

describe("what aborts the original", () => {
  it("[MST92] removing the quota of a role without one is refused, the process lives on", async () => {
    const world = await startWorld();
    try {
      const call = { type: "REMOVE_QUOTA", remove_quota: { role: "old" } };
      expect((await world.operator(call)).status).toBe(400);
      expect((await world.send({ method: "GET", path: "/health" })).status).toBe(200);
    } finally {
      await world.end();
    }
  });

  it("[MST92] a task group with one id twice is refused task by task, the process lives on", async () => {
    const world = await startWorld();
    try {
      const agent = await TestAgent.dial(world);
      const scheduler = await TestScheduler.subscribe(world);
      const offers = await scheduler.event((event) => event.offers?.offers);
      const task = {
        name: "p",
        task_id: { value: "p" },
        agent_id: { value: await agent.id() },
        resources: [{ name: "cpus", type: "SCALAR" as const, scalar: { value: 0.1 } }],
        command: { value: "true" },
      };
      await scheduler.call({
        type: "ACCEPT",
        accept: {
          offer_ids: offers.map((offer) => offer.id),
          operations: [
            {
              type: "LAUNCH_GROUP",
              launch_group: {
                executor: { executor_id: { value: "e" }, type: "DEFAULT" },
                task_group: { tasks: [task, task] },
              },
            },
          ],
        },
      });
      const update = await scheduler.event((event) => event.update);
      expect(update.status).toMatchObject({
        state: "TASK_ERROR",
        reason: "REASON_TASK_GROUP_INVALID",
      });
      expect((await world.send({ method: "GET", path: "/health" })).status).toBe(200);
    } finally {
      await world.end();
    }
  });
});

async function expectReplayed(world: World, exchange: GoldenExchange): Promise<void> {
  const answer = await replay(world, exchange);
  expectAsRecorded(exchange.file, differencesOfAnswer(exchange, answer, { isFreeText }));
}
