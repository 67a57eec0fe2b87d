import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { exchangesIn, readExchange } from "./exchanges.ts";
import { startWorld, TestAgent, TestScheduler } from "./http-world.ts";
import type { World } from "./http-world.ts";
import { differencesOf, shapeOf } from "./shape.ts";

const uuid = (letter: string): string => Buffer.from(letter.repeat(16)).toString("base64");

/** Ours may have these, Mesos's recording has not: its HTTP schedulers have no pid. */
const additional = new Set([
  ".frameworks[].pid",
  ".completed_frameworks[].pid",
  // A field of Mesos's inner schema that its v1 schema does not have.
  "-.get_agents.agents[].agent_info.checkpoint",
  // Executors, operations and volumes of a command task are Mesos's alone.
  "-.get_tasks.tasks[].statuses[].container_status.executor_pid",
  "-.get_tasks.completed_tasks[].statuses[].container_status.executor_pid",
]);

const v0 = ["flags", "frameworks", "roles", "slaves", "state", "state-summary", "tasks", "version"];

/** One completed framework with a completed task, one more that came back, then the one that reads. */
async function play(world: World): Promise<{ agent: TestAgent; reads: TestScheduler }> {
  const agent = await TestAgent.dial(world);
  const simple = await TestScheduler.subscribe(world, { name: "simple", failover_timeout: 0 });
  await launch(agent, simple, "t-op");
  await report(agent, simple, "t-op", "TASK_FINISHED", "c");
  await simple.call({ type: "TEARDOWN" });
  const first = await TestScheduler.subscribe(world, { name: "err" });
  const id = { value: await first.frameworkId() };
  const second = await TestScheduler.subscribe(world, { name: "err", id });
  await second.call({ type: "TEARDOWN" });
  const reads = await TestScheduler.subscribe(world, { name: "reads" });
  return { agent, reads };
}

async function launch(agent: TestAgent, scheduler: TestScheduler, id: string): Promise<void> {
  const offers = await scheduler.event((event) => event.offers?.offers);
  await scheduler.call({
    type: "ACCEPT",
    accept: {
      offer_ids: offers.map((offer) => offer.id),
      operations: [
        {
          type: "LAUNCH",
          launch: {
            task_infos: [
              {
                name: id,
                task_id: { value: id },
                agent_id: { value: await agent.id() },
                resources: [
                  { name: "cpus", type: "SCALAR", scalar: { value: 0.1 } },
                  { name: "mem", type: "SCALAR", scalar: { value: 32 } },
                ],
                command: { value: "sleep 1000" },
                ...(id === "t-op" ? {} : { labels: { labels: [{ key: "a", value: "b" }] } }),
              },
            ],
          },
        },
      ],
      filters: { refuse_seconds: 0 },
    },
  });
  await agent.message("launchTask", (message) => message.task.task_id.value === id);
  await report(agent, scheduler, id, "TASK_STARTING", "a");
  await report(agent, scheduler, id, "TASK_RUNNING", "b");
}

async function report(
  agent: TestAgent,
  scheduler: TestScheduler,
  id: string,
  state: "TASK_STARTING" | "TASK_RUNNING" | "TASK_FINISHED" | "TASK_KILLED" | "TASK_KILLING",
  letter: string,
): Promise<void> {
  const frameworkId = await scheduler.frameworkId();
  const status = {
    task_id: { value: id },
    state,
    ...(state === "TASK_FINISHED" ? { message: "Command exited with status 0" } : {}),
    source: "SOURCE_EXECUTOR" as const,
    agent_id: { value: await agent.id() },
    executor_id: { value: id },
    timestamp: 1_795_339_590.5,
    uuid: uuid(letter),
    container_status: {
      container_id: { value: "c" },
      network_infos: [{ ip_addresses: [{ protocol: "IPv4" as const, ip_address: "127.0.0.1" }] }],
    },
  };
  await agent.post({ type: "statusUpdate", frameworkId, status, latestState: state });
  await scheduler.event((event) =>
    event.update?.status.task_id.value === id && event.update.status.state === state
      ? event
      : undefined,
  );
  await scheduler.call({
    type: "ACKNOWLEDGE",
    acknowledge: {
      agent_id: { value: await agent.id() },
      task_id: { value: id },
      uuid: status.uuid,
    },
  });
  await agent.message(
    "acknowledgeStatus",
    (message) => message.taskId === id && message.uuid === status.uuid,
  );
}

/** An offer of what is left has to be out, as it was when it was recorded. */
async function awaitSecondOffer(reads: TestScheduler): Promise<void> {
  await reads.event((event) =>
    reads.events.filter((one) => one.type === "OFFERS").length > 1 ? event : undefined,
  );
}

async function compareV0(world: World, folder: string): Promise<void> {
  const found: Record<string, string[]> = {};
  for (const name of v0) {
    const theirs = readExchange(`${folder}/GET_${name}.json`).response.body?.json;
    const differences = differencesOf(
      shapeOf(await world.json(`/master/${name}`)),
      shapeOf(theirs),
      additional,
    );
    if (differences.length > 0) found[name] = differences;
  }
  expect(found).toEqual({});
}

async function compareOperator(world: World, folder: string): Promise<void> {
  const found: Record<string, string[]> = {};
  for (const { file, request, response } of exchangesIn(folder, "GET_")) {
    if (response.status !== 200 || file.includes("GET_METRICS")) continue;
    const answer = await world.operator(request.body as object);
    expect(answer.status).toBe(200);
    const ours = Object.values(JSON.parse(answer.text) as object)[1] as unknown;
    const theirs = Object.values(response.body?.json as object)[1] as unknown;
    const wrapped = (part: unknown): unknown => {
      const name = (request.body as { readonly type: string }).type.toLowerCase();
      return name === "get_state" ? part : { [name]: part };
    };
    const differences = differencesOf(shapeOf(wrapped(ours)), shapeOf(wrapped(theirs)), additional);
    if (differences.length > 0) found[file] = differences;
  }
  expect(found).toEqual({});
}

describe("answers have the keys and types that were recorded", () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld();
  });
  afterAll(() => world.end());

  it("[MST80] of an empty master", () => compareV0(world, "master_empty"));
  it("[MST82] of an empty master, operator API", () => compareOperator(world, "operator_empty"));

  it("[MST80] [MST82] with a task that runs, and after it", async () => {
    const { agent, reads } = await play(world);
    await launch(agent, reads, "t-files");
    await awaitSecondOffer(reads);
    await compareV0(world, "master_running");
    await compareOperator(world, "operator_running");
    await report(agent, reads, "t-files", "TASK_KILLING", "c");
    await report(agent, reads, "t-files", "TASK_KILLED", "d");
    await compareV0(world, "master_after_task");
  });

  it("[MST81] metrics: every recorded counter and gauge that is not a timer", async () => {
    const names = Object.keys(
      readExchange("master_empty/GET_metrics_snapshot.json").response.body?.json as object,
    );
    const ours = (await world.json("/metrics/snapshot")) as object;
    // Timers of the allocator and of the replicated log are not measured.
    const timers = /_ms(?:\/|$)|registry_size_bytes/u;
    expect(names.filter((name) => !(name in ours) && !timers.test(name))).toEqual([]);
  });
});
