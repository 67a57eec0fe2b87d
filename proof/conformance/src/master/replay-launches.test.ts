import type { OfferOperation, TaskInfo } from "@tutti/mesos-v1";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readExchange } from "../recordings/exchanges.ts";
import { startWorld, TestAgent, TestScheduler } from "../worlds/http-world.ts";
import type { World } from "../worlds/http-world.ts";

interface RecordedCall {
  readonly request: {
    readonly body: {
      readonly type: string;
      readonly accept?: { readonly operations: readonly OfferOperation[] };
    };
  };
  readonly response: { readonly status: number; readonly body: { readonly text?: string } };
}

interface Launch {
  readonly name: string;
  readonly tasks: readonly TaskInfo[];
  readonly status: number;
  readonly text: string;
  /** States and messages the master answered with by itself. */
  readonly updates: readonly (readonly [string, string, string])[];
}

/** The recorded launches: what was asked, and what the master said before any agent did. */
function recordedLaunches(): Launch[] {
  const { events = [] } = readExchange("scheduler/04_invalid_launches.json");
  const launches: Launch[] = [];
  let name = "stale offer";
  for (const event of events) {
    if (event.dir === "info") name = String(event.body).replace(/^case /u, "");
    if (event.dir !== "call") continue;
    const { request, response } = event.body as RecordedCall;
    const tasks = (request.body.accept?.operations ?? []).flatMap(
      (operation) => operation.launch?.task_infos ?? [],
    );
    if (tasks.length === 0) continue;
    const ids = new Set(tasks.map((task) => task.task_id.value));
    const updates = events.flatMap((one) => {
      const { update } = one.body as {
        readonly update?: {
          readonly status: {
            readonly task_id: { readonly value: string };
            readonly state: string;
            readonly message?: string;
            readonly source: string;
          };
        };
      };
      if (update?.status.source !== "SOURCE_MASTER") return [];
      const { task_id: id, state, message = "" } = update.status;
      return ids.has(id.value) ? [[id.value, state, message] as const] : [];
    });
    launches.push({
      name,
      tasks,
      status: response.status,
      text: response.body.text ?? "",
      updates,
    });
  }
  return launches;
}

const launches = recordedLaunches();

describe("the recorded launches", () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld();
  });
  afterAll(() => world.end());

  it("[MST91] all of them are here", () => {
    expect(launches.length).toBeGreaterThanOrEqual(29);
  });

  it.each(launches.map((launch, index) => [launch.name, launch, index] as const))(
    "[MST91] %s",
    async (name, launch, index) => {
      // A small agent of its own for each, so that none has to wait for what another left.
      const agent = await TestAgent.dial(world, hostOf(index, name));
      const agentId = await agent.id();
      const scheduler = await TestScheduler.subscribe(world, {
        name: `f${index}`,
        failover_timeout: 0,
      });
      const offers = await scheduler.event((event) =>
        event.offers?.offers?.some((offer) => offer.agent_id.value === agentId) === true
          ? event.offers.offers
          : undefined,
      );
      const offer = offers.find((one) => one.agent_id.value === agentId);
      const offerId =
        name === "stale offer" ? "2c0d006c-6ace-46e9-831d-66abb4804282-O6" : offer?.id.value;
      const answer = await scheduler.call({
        type: "ACCEPT",
        accept: {
          offer_ids: [{ value: offerId ?? "" }],
          operations: [
            { type: "LAUNCH", launch: { task_infos: launch.tasks.map(onAgent(agentId)) } },
          ],
          filters: { refuse_seconds: 3600 },
        },
      });
      expect(answer.status).toBe(launch.status);
      expect(answer.text).toBe(launch.text);
      await scheduler.call({
        type: "RECONCILE_OPERATIONS",
        reconcile_operations: { operations: [{ operation_id: { value: "end" } }] },
      });
      await scheduler.event((event) => event.update_operation_status);
      const updates = scheduler.events.flatMap(({ update }) =>
        update === undefined
          ? []
          : [[update.status.task_id.value, update.status.state, update.status.message ?? ""]],
      );
      expect(updates).toEqual(launch.updates.map((update) => translate(update, agentId)));
      const launched = agent.messages.filter((message) => message.type === "launchTask").length;
      expect(launched).toBe(
        launch.status === 202 ? launch.tasks.length - launch.updates.length : 0,
      );
      scheduler.leave();
      agent.hangUp();
    },
  );
});

function hostOf(index: number, name: string): NonNullable<Parameters<typeof TestAgent.dial>[1]> {
  // When this was recorded, a task of the case before still ran.
  const isSmall = name === "two tasks exceed together";
  return {
    agent: {
      hostname: `10.9.0.${index}`,
      resources: [
        { name: "ports", type: "RANGES", ranges: { range: [{ begin: 31_000, end: 32_000 }] } },
        { name: "cpus", type: "SCALAR", scalar: { value: isSmall ? 7.9 : 8 } },
        { name: "mem", type: "SCALAR", scalar: { value: isSmall ? 8160 : 8192 } },
        { name: "disk", type: "SCALAR", scalar: { value: 20_000 } },
      ],
    },
  };
}

const recordedAgent = "2c0d006c-6ace-46e9-831d-66abb4804282-S0";

function onAgent(agentId: string): (task: TaskInfo) => TaskInfo {
  return (task) =>
    task.agent_id.value === recordedAgent ? { ...task, agent_id: { value: agentId } } : task;
}

function translate(update: readonly [string, string, string], agentId: string): readonly string[] {
  return update.map((text) => text.replaceAll(recordedAgent, agentId));
}
