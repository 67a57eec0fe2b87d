import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bodyOf, exchangesIn, headerOf, readExchange } from "./exchanges.ts";
import type { GoldenExchange } from "./exchanges.ts";
import { startWorld, TestAgent, TestScheduler } from "./http-world.ts";
import type { RawResponse, World } from "./http-world.ts";

/** Recorded requests that are answered otherwise on purpose, and why. */
const otherwise: Readonly<Record<string, string>> = {
  "master_content_type_charset.json": "a charset parameter is accepted",
  "master_profiler.json": "a tool of libprocess",
  "master_set_logging.json": "levels of logging are not part of this release: 501",
  "master_set_logging_9.json": "levels of logging are not part of this release: 501",
};

/** Texts that depend on Mesos's own libraries, and answers that hold the state of that day. */
const isAccidental = (text: string): boolean =>
  text === "" || text.includes("syntax error at line");

describe("wrong requests to the master, as recorded", () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld();
  });
  afterAll(() => world.end());

  const exchanges = exchangesIn("errors", "master_").filter(
    ({ file }) => otherwise[file.split("/")[1] ?? ""] === undefined,
  );
  it.each(exchanges.map((exchange) => [exchange.file, exchange] as const))(
    "[MST91] %s",
    async (_file, exchange) => {
      expectAnswer(await replay(world, exchange), exchange);
    },
  );

  it("[MST91] every recorded file but the named ones is replayed", () => {
    expect(exchanges.length).toBeGreaterThan(50);
  });
});

describe("wrong requests to the scheduler API, as recorded", () => {
  let world: World;
  let scheduler: TestScheduler;
  /** Ids of the recording and what stands for them here. */
  let ids: readonly (readonly [string, string])[];
  beforeAll(async () => {
    world = await startWorld();
    scheduler = await TestScheduler.subscribe(world, { name: "err", failover_timeout: 0 });
    ids = [
      ["cec2a90a-fbc4-4b2f-9d9b-8785d9f76f53-0002", await scheduler.frameworkId()],
      ["a0f84d09-31ab-4a78-8baf-01da16ebb892", scheduler.streamId],
    ];
  });
  afterAll(() => world.end());

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

  it.each(whole.map((exchange) => [exchange.file, exchange] as const))(
    "[MST91] %s",
    async (_file, recorded) => {
      const exchange = translate(recorded, ids);
      expectAnswer(await replay(world, exchange), exchange);
    },
  );

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
    const old = translate(readExchange("scheduler_errors/old_stream_id_after_failover.json"), ids);
    expectAnswer(await replay(world, old), old);
    expect((await second.call({ type: "TEARDOWN" })).status).toBe(202);
    const after = translate(readExchange("scheduler_errors/call_after_teardown.json"), ids);
    expectAnswer(await replay(world, after), after);
    const again = await TestScheduler.subscribe(world, {
      name: "err",
      id: { value: await scheduler.frameworkId() },
    });
    expect((await again.event((event) => event.error)).message).toBe("Framework has been removed");
  });
});

describe("operators' writes, as recorded", () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld();
  });
  afterAll(() => world.end());

  const files = [
    "operator_writes/01_UPDATE_WEIGHTS.json",
    "operator_writes/02_GET_WEIGHTS.json",
    "operator_writes/03_UPDATE_WEIGHTS_zero.json",
    "operator_writes/04_UPDATE_WEIGHTS_badrole.json",
    "framework_disconnected/http_teardown.json",
    "framework_disconnected/http_teardown_noid.json",
    "framework_disconnected/operator_TEARDOWN_unknown.json",
    "operator_running/GET_METRICS_notimeout.json",
    "operator_running/LIST_FILES.json",
    "operator_running/LIST_FILES_missing.json",
  ];
  it.each(files)("[MST70] %s", async (file) => {
    const exchange = readExchange(file);
    expectAnswer(await replay(world, exchange), exchange);
  });
});

describe("what aborts the original", () => {
  it("[MST92] removing the quota of a role without one is refused, the process lives on", async () => {
    const world = await startWorld();
    try {
      const call = { type: "REMOVE_QUOTA", remove_quota: { role: "old" } };
      expect((await world.operator(call)).status).toBe(501);
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

function replay(world: World, exchange: GoldenExchange): Promise<RawResponse> {
  const { method, path, headers } = exchange.request;
  const body = bodyOf(exchange);
  return world.send({ method, path, headers, ...(body === undefined ? {} : { body }) });
}

function translate(
  exchange: GoldenExchange,
  ids: readonly (readonly [string, string])[],
): GoldenExchange {
  let text = JSON.stringify(exchange);
  for (const [theirs, ours] of ids) text = text.replaceAll(theirs, ours);
  return JSON.parse(text) as GoldenExchange;
}

function expectAnswer(answer: RawResponse, exchange: GoldenExchange): void {
  const { response } = exchange;
  expect(answer.status, answer.text).toBe(response.status);
  for (const name of ["allow", "content-type"]) {
    const theirs = headerOf(exchange, name);
    if (theirs !== undefined) expect(answer.headers[name]).toBe(theirs);
  }
  const text = response.body?.text;
  const isText = headerOf(exchange, "content-type")?.startsWith("text/plain") === true;
  if (isText && text !== undefined && !isAccidental(text)) expect(answer.text).toBe(text);
}
