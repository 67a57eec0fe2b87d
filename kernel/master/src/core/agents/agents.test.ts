import type { FrameworkInfo, Task, TaskStatus } from "@tutti/mesos-v1";
import { describe, expect, it } from "vitest";
import {
  launchOf,
  modernCapabilities,
  MasterStory,
  resourcesOf,
  sleeper,
} from "../testing/story.ts";

const a0 = "m0-S0";
const f0 = "m0-0000";

const frameworkInfo: FrameworkInfo = {
  user: "root",
  name: "f0",
  id: { value: f0 },
  roles: ["*"],
  capabilities: modernCapabilities,
  failover_timeout: 60,
};

function uuidOf(text: string): string {
  return btoa(text.padEnd(16, "."));
}

function statusOf(id: string, state: TaskStatus["state"]): TaskStatus {
  return {
    task_id: { value: id },
    state,
    uuid: uuidOf(`${id}${state}`),
    source: "SOURCE_EXECUTOR",
  };
}

/** A task as its agent reports it when it dials again. */
function heldTask(id: string, state: Task["state"] = "TASK_RUNNING"): Task {
  const resources = sleeper(id, a0).resources?.map((resource) => ({
    ...resource,
    allocation_info: { role: "*" },
  }));
  return {
    name: id,
    task_id: { value: id },
    framework_id: { value: f0 },
    agent_id: { value: a0 },
    state,
    ...(resources === undefined ? {} : { resources }),
    statuses: [statusOf(id, state)],
  };
}

/** One agent, one framework, and the tasks of `ids` launched and running. */
function running(...ids: readonly string[]): { story: MasterStory; stream: string } {
  const story = new MasterStory();
  story.hello("a0");
  const stream = story.subscribe("f0");
  const [offer = ""] = story.offers(story.advance(10));
  story.call(
    {
      type: "ACCEPT",
      framework_id: { value: f0 },
      accept: {
        offer_ids: [{ value: offer }],
        operations: [launchOf(...ids.map((id) => sleeper(id, a0)))],
      },
    },
    stream,
  );
  story.post(
    "a0",
    ids.map((id) => ({
      type: "statusUpdate",
      frameworkId: f0,
      status: statusOf(id, "TASK_RUNNING"),
      latestState: "TASK_RUNNING",
    })),
    100,
  );
  return { story, stream };
}

describe("an agent's admission", () => {
  it("[MST10] its record is durable before it hears its id, which is <masterId>-S<n>", () => {
    const story = new MasterStory();
    story.hello("a0");
    story.hello("a1");
    expect(story.lines.filter((line) => !line.includes("ping"))).toEqual([
      "  durable putAgent m0-S0",
      "  to a0: 1/1 welcome m0-S0",
      "  durable putAgent m0-S1",
      "  to a1: 1/1 welcome m0-S1",
    ]);
  });

  it("[MST11] a hello repeated because the welcome was lost gets the same id", () => {
    const story = new MasterStory();
    story.hello("a0");
    story.hello("a0");
    expect(story.agentRecords.size).toBe(1);
    story.post("a0", [{ type: "pong" }]);
    story.hello("a0", { connection: "other" });
    expect([...story.agentRecords.keys()]).toEqual(["m0-S0", "m0-S1"]);
  });

  it("[MST12] an agent that has obeyed a later leader is refused, and the leadership doubted", () => {
    const story = new MasterStory();
    const effects = story.hello("a0", { epochSeen: 7 });
    expect(effects.map((effect) => effect.type)).toEqual([
      "doubtLeadership",
      "sendAgent",
      "closeAgent",
    ]);
    expect(story.messagesTo("a0")).toMatchObject([{ type: "refused", code: "LEADER_STALE" }]);
    expect(story.agentRecords.size).toBe(0);
  });

  it.each([
    ["a bad id", { id: "a/b" }, "AGENT_ID_INVALID"],
    [
      "bad resources",
      { resources: [{ name: "cpus", type: "SCALAR" as const, scalar: { value: -1 } }] },
      "INVALID_RESOURCE",
    ],
  ])("[MST13] %s is refused with its reason", (_name, options, code) => {
    const story = new MasterStory();
    story.hello("a0", options);
    expect(story.messagesTo("a0")).toMatchObject([{ type: "refused", code, final: false }]);
  });

  it("[MST13] without the secret an agent is refused", () => {
    const story = new MasterStory();
    story.send({
      type: "agentHello",
      connectionId: "a0",
      principal: { type: "anonymous", name: "anonymous" },
      hello: {
        versionMin: 1,
        versionMax: 1,
        capabilities: [],
        bootId: "b",
        agent: { hostname: "a0", resources: resourcesOf(1, 1) },
        release: "0",
        epochSeen: 0,
        tasks: [],
        frameworks: [],
      },
    });
    expect(story.messagesTo("a0")).toMatchObject([{ type: "refused", code: "UNAUTHORISED" }]);
  });

  it("[MST15] a second connection ends the first; posts of the old session are gone", () => {
    const story = new MasterStory();
    story.hello("a0");
    const old = story.sessionOf("a0");
    story.post("a0", [{ type: "pong" }]);
    const effects = story.hello("a0", { id: a0, connection: "again" });
    expect(effects).toContainEqual({ type: "closeAgent", connectionId: "a0" });
    const reply = story.send({
      type: "agentPost",
      requestId: "x",
      principal: { type: "trusted", name: "cluster" },
      sessionId: old,
      post: { acknowledged: 0, messages: [] },
    });
    expect(reply).toEqual([{ type: "replyAgentPost", requestId: "x", outcome: "gone" }]);
  });
});

describe("an agent that comes back", () => {
  it("[MST17] a launch it never acknowledged is sent again", () => {
    const story = new MasterStory();
    story.hello("a0");
    const stream = story.subscribe("f0");
    const [offer = ""] = story.offers(story.advance(10));
    story.post("a0", [{ type: "pong" }]);
    story.call(
      {
        type: "ACCEPT",
        framework_id: { value: f0 },
        accept: { offer_ids: [{ value: offer }], operations: [launchOf(sleeper("t", a0))] },
      },
      stream,
    );
    story.send({ type: "agentDisconnected", connectionId: "a0" });
    const effects = story.hello("a0", { id: a0, connection: "again" });
    expect(story.messagesTo("again", effects).map((message) => message.type)).toContain(
      "launchTask",
    );
    expect(story.statuses(effects)).toEqual([]);
  });

  it("[MST19] a launch it never acknowledged is not sent again once a kill was asked for", () => {
    const story = new MasterStory();
    story.hello("a0");
    const stream = story.subscribe("f0");
    const [offer = ""] = story.offers(story.advance(10));
    story.post("a0", [{ type: "pong" }]);
    story.call(
      {
        type: "ACCEPT",
        framework_id: { value: f0 },
        accept: { offer_ids: [{ value: offer }], operations: [launchOf(sleeper("t", a0))] },
      },
      stream,
    );
    story.call(
      { type: "KILL", framework_id: { value: f0 }, kill: { task_id: { value: "t" } } },
      stream,
    );
    story.send({ type: "agentDisconnected", connectionId: "a0" });
    const effects = story.hello("a0", { id: a0, connection: "again" });
    expect(story.messagesTo("again", effects).map((message) => message.type)).not.toContain(
      "launchTask",
    );
    expect(story.statuses(effects)).toEqual([
      expect.objectContaining({
        task_id: { value: "t" },
        state: "TASK_KILLED",
        source: "SOURCE_MASTER",
        reason: "REASON_TASK_KILLED_DURING_LAUNCH",
      }),
    ]);
    expect(story.master.view.agents.values().next().value?.used.isEmpty).toBe(true);
  });

  it("[MST18] a task it once acknowledged and has no more is TASK_DROPPED, and its resources free", () => {
    const { story } = running("t");
    story.send({ type: "agentDisconnected", connectionId: "a0" });
    const effects = story.hello("a0", { id: a0, connection: "again" });
    expect(story.statuses(effects)).toEqual([
      expect.objectContaining({
        task_id: { value: "t" },
        state: "TASK_DROPPED",
        reason: "REASON_RECONCILIATION",
      }),
    ]);
    expect(story.master.view.agents.values().next().value?.used.isEmpty).toBe(true);
  });

  it("[MST16] what it holds stays as it was, and nothing is told of it", () => {
    const { story } = running("t");
    story.send({ type: "agentDisconnected", connectionId: "a0" });
    const effects = story.hello("a0", {
      id: a0,
      connection: "again",
      tasks: [heldTask("t")],
      frameworks: [frameworkInfo],
    });
    expect(story.statuses(effects)).toEqual([]);
    const agent = story.master.view.agents.values().next().value;
    expect(agent?.used.toString()).toBe("cpus(allocated: *):1; mem(allocated: *):128");
  });

  it("[MST19] a kill that was asked for while it was away is asked for again", () => {
    const { story, stream } = running("t");
    story.send({ type: "agentDisconnected", connectionId: "a0" });
    story.call(
      { type: "KILL", framework_id: { value: f0 }, kill: { task_id: { value: "t" } } },
      stream,
    );
    const effects = story.hello("a0", {
      id: a0,
      connection: "again",
      tasks: [heldTask("t")],
      frameworks: [frameworkInfo],
    });
    expect(story.messagesTo("again", effects)).toContainEqual({
      type: "killTask",
      frameworkId: f0,
      taskId: "t",
    });
  });
});

describe("an agent that falls silent", () => {
  it("[MST20] [MST24] after five missed pings its tasks are unreachable, durably", () => {
    const { story } = running("t");
    story.advance(20_000);
    const from = story.lines.length;
    story.advance(70_100);
    const lines = story.lines.slice(from).filter((line) => !/ping|HEARTBEAT/u.test(line));
    expect(lines).toEqual([
      "  durable putAgent m0-S0",
      "  closeAgent a0",
      "  to uuid-1-2: UPDATE t TASK_UNREACHABLE REASON_AGENT_REMOVED health check timed out",
      "  to uuid-1-2: RESCIND m0-O1",
      "  to uuid-1-2: FAILURE m0-S0",
    ]);
    expect(story.agentRecords.get(a0)?.unreachableMs).toBeGreaterThan(0);
    expect(story.statuses().at(-1)?.unreachable_time).toBeDefined();
  });

  it("[MST20] one answer in time and it lives on", () => {
    const { story } = running("t");
    for (let beat = 0; beat < 10; beat += 1) {
      story.advance(60_000);
      story.post("a0", [{ type: "pong" }]);
    }
    expect(story.master.view.agents.has(story.master.view.agents.keys().next().value!)).toBe(true);
    expect(story.statuses().map((status) => status.state)).toEqual(["TASK_RUNNING"]);
  });

  it("[MST21] pings missed during a stall of the master do not count", () => {
    const { story } = running("t");
    story.advance(70_000);
    story.send({ type: "stalled", stalledMs: 30_000 });
    story.advance(14_000);
    expect(story.master.view.agents.size).toBe(1);
  });

  it("[MST22] a lost connection takes its offers back and nothing else", () => {
    const { story } = running("t");
    story.advance(6000);
    const effects = story.send({ type: "agentDisconnected", connectionId: "a0" });
    expect(effects).toEqual([
      expect.objectContaining({ event: expect.objectContaining({ type: "RESCIND" }) }),
    ]);
    expect(story.offers(story.advance(30_000))).toEqual([]);
    expect(story.master.view.agents.size).toBe(1);
  });

  it("[MST23] no more than 100 agents a minute are given up", () => {
    const story = new MasterStory();
    for (let number = 0; number < 300; number += 1) {
      story.hello(`a${number}`);
    }
    story.advance(75_000);
    story.advance(60_000);
    expect(story.master.view.unreachableAgents.size).toBeGreaterThan(95);
    expect(story.master.view.unreachableAgents.size).toBeLessThanOrEqual(102);
  });

  it("[MST24] back again, its tasks are running again and its record says so", () => {
    const { story } = running("t", "u");
    story.advance(90_100);
    const effects = story.hello("a0", {
      id: a0,
      connection: "again",
      tasks: [heldTask("t")],
      frameworks: [frameworkInfo],
    });
    expect(story.statuses(effects)).toEqual([
      expect.objectContaining({
        task_id: { value: "t" },
        state: "TASK_RUNNING",
        reason: "REASON_AGENT_REREGISTERED",
        message: "Unreachable agent re-reregistered",
      }),
      expect.objectContaining({ task_id: { value: "u" }, state: "TASK_GONE" }),
    ]);
    expect(story.agentRecords.get(a0)?.unreachableMs).toBeUndefined();
    expect(story.offers(story.advance(10))).toHaveLength(1);
  });
});

describe("a new leader", () => {
  it("[MST25] agents come back with their tasks, frameworks with them", () => {
    const { story } = running("t");
    const next = story.failOver();
    const effects = next.hello("a0", {
      id: a0,
      tasks: [heldTask("t")],
      frameworks: [frameworkInfo],
      epochSeen: 1,
    });
    expect(next.messagesTo("a0", effects).map((message) => message.type)).toEqual([
      "welcome",
      "ping",
    ]);
    expect([...next.master.view.frameworks.values()]).toMatchObject([
      { id: f0, status: "recovered" },
    ]);
    const stream = next.subscribe("f0", { id: { value: f0 } });
    const answers = next.call(
      { type: "RECONCILE", framework_id: { value: f0 }, reconcile: {} },
      stream,
    );
    expect(next.statuses(answers)).toMatchObject([
      { task_id: { value: "t" }, state: "TASK_RUNNING", reason: "REASON_RECONCILIATION" },
    ]);
  });

  it("[MST25] agents that do not come back within ten minutes are unreachable", () => {
    const { story } = running("t");
    const next = story.failOver();
    next.advance(599_000);
    expect(next.master.view.recoveredAgents.size).toBe(1);
    next.advance(2000);
    expect(next.master.view.unreachableAgents.size).toBe(1);
    expect(next.agentRecords.get(a0)?.unreachableMs).toBeDefined();
  });

  it("[MST65] while its agent is expected back, a task is not declared unknown", () => {
    const { story } = running("t");
    const next = story.failOver();
    const stream = next.subscribe("f0", { id: { value: f0 } });
    const ask = (agent?: string): number =>
      next.statuses(
        next.call(
          {
            type: "RECONCILE",
            framework_id: { value: f0 },
            reconcile: {
              tasks: [
                {
                  task_id: { value: "t" },
                  ...(agent === undefined ? {} : { agent_id: { value: agent } }),
                },
              ],
            },
          },
          stream,
        ),
      ).length;
    expect([ask(a0), ask()]).toEqual([0, 0]);
    next.advance(601_000);
    expect([ask(a0), ask()]).toEqual([1, 1]);
  });
});

describe("status updates", () => {
  it("[MST60] [MST62] books, then framework; the acknowledged end goes into the history", () => {
    const { story, stream } = running("t");
    const [end] = [statusOf("t", "TASK_FINISHED")];
    story.post("a0", [
      { type: "statusUpdate", frameworkId: f0, status: end, latestState: "TASK_FINISHED" },
    ]);
    expect(story.statuses().at(-1)).toMatchObject({ state: "TASK_FINISHED", uuid: end.uuid });
    const tasks = story.master.view.tasks.values().next().value;
    expect([tasks?.active.size, tasks?.completed.size]).toEqual([1, 0]);
    expect(story.master.view.agents.values().next().value?.used.isEmpty).toBe(true);
    const effects = story.call(
      {
        type: "ACKNOWLEDGE",
        framework_id: { value: f0 },
        acknowledge: {
          agent_id: { value: a0 },
          task_id: { value: "t" },
          uuid: end.uuid ?? "",
        },
      },
      stream,
    );
    expect(story.messagesTo("a0", effects)).toEqual([
      { type: "acknowledgeStatus", frameworkId: f0, taskId: "t", uuid: end.uuid },
    ]);
    expect([tasks?.active.size, tasks?.completed.size]).toEqual([0, 1]);
  });

  it("[MST15] a message that comes twice in a session is handled once", () => {
    const { story } = running("t");
    const post = {
      acknowledged: 0,
      messages: [
        {
          seq: 2,
          message: {
            type: "statusUpdate" as const,
            frameworkId: f0,
            status: statusOf("t", "TASK_KILLED"),
            latestState: "TASK_KILLED" as const,
          },
        },
      ],
    };
    const event = {
      type: "agentPost",
      requestId: "x",
      principal: { type: "trusted", name: "cluster" },
      sessionId: story.sessionOf("a0"),
      post,
    } as const;
    expect(story.statuses(story.send(event))).toHaveLength(1);
    expect(story.statuses(story.send(event))).toHaveLength(0);
  });

  it("[MST63] a task's statuses do not pile up", () => {
    const { story } = running("t");
    for (let time = 0; time < 50; time += 1) {
      story.post("a0", [
        {
          type: "statusUpdate",
          frameworkId: f0,
          status: statusOf("t", "TASK_RUNNING"),
          latestState: "TASK_RUNNING",
        },
      ]);
    }
    const task = story.master.view.tasks.values().next().value?.active.values().next().value;
    expect(task?.task.statuses).toHaveLength(1);
  });
});
