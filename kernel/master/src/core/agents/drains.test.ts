import { describe, expect, it } from "vitest";
import type { AgentRecord } from "../events.ts";
import { limits } from "../limits.ts";
import { slavesJson } from "../read/v0/lists-json.ts";
import { launchOf, MasterStory, sleeper, trusted } from "../testing/story.ts";

const a0 = "m0-S0";
const f0 = "m0-0000";
const first = "AAAAAAAAAAAAAAAAAAAAAQ==";
const second = "AAAAAAAAAAAAAAAAAAAAAg==";
const capabilities = ["MULTI_ROLE", "AGENT_DRAINING"];

type Call = Parameters<MasterStory["send"]>[0] & { readonly type: "operatorCall" };

function operate(story: MasterStory, call: Call["call"]): string {
  const [reply] = story
    .send({ type: "operatorCall", requestId: "o", principal: trusted, call })
    .filter((effect) => effect.type === "replyOk" || effect.type === "replyRefused");
  return reply?.type === "replyRefused" ? reply.refusal.message : (reply?.type ?? "no reply");
}

const agentId = { value: a0 };
const drain: Call["call"] = { type: "DRAIN_AGENT", drain_agent: { agent_id: agentId } };
const leave: Call["call"] = {
  type: "DRAIN_AGENT",
  drain_agent: { agent_id: agentId, mark_gone: true },
};
const deactivate: Call["call"] = {
  type: "DEACTIVATE_AGENT",
  deactivate_agent: { agent_id: agentId },
};
const reactivate: Call["call"] = {
  type: "REACTIVATE_AGENT",
  reactivate_agent: { agent_id: agentId },
};

/** One agent and one framework, which holds an offer of it. */
function offered(): {
  readonly story: MasterStory;
  readonly stream: string;
  readonly offer: string;
} {
  const story = new MasterStory();
  story.hello("a0", { capabilities });
  const stream = story.subscribe("f0");
  const [offer = ""] = story.offers(story.advance(10));
  story.post("a0", [{ type: "pong" }], 1);
  return { story, stream, offer };
}

/** The same with a task that runs. */
function running(): { readonly story: MasterStory; readonly stream: string } {
  const { story, stream, offer } = offered();
  accept(story, stream, offer);
  update(story, "TASK_RUNNING", first);
  acknowledge(story, stream, first);
  return { story, stream };
}

function accept(story: MasterStory, stream: string, offer: string): void {
  const operations = [launchOf(sleeper("t", a0))];
  story.call(
    {
      type: "ACCEPT",
      framework_id: { value: f0 },
      accept: { offer_ids: [{ value: offer }], operations },
    },
    stream,
  );
}

function update(story: MasterStory, state: "TASK_RUNNING" | "TASK_KILLED", uuid: string): void {
  const status = { task_id: { value: "t" }, state, uuid, agent_id: { value: a0 } };
  story.post(
    "a0",
    [{ type: "statusUpdate", frameworkId: f0, status, latestState: state }],
    story.messagesTo("a0").length,
  );
}

function acknowledge(story: MasterStory, stream: string, uuid: string): void {
  story.call(
    {
      type: "ACKNOWLEDGE",
      framework_id: { value: f0 },
      acknowledge: { agent_id: { value: a0 }, task_id: { value: "t" }, uuid },
    },
    stream,
  );
}

/** What the master's books and its registry say of the drain. */
function stateOf(story: MasterStory): string | undefined {
  const inBooks = [...story.master.view.agents.values()][0]?.record.drain?.state;
  expect(story.agentRecords.get(a0)?.drain?.state).toBe(inBooks);
  return inBooks;
}

describe("an agent that is deactivated", () => {
  it("[MST110] loses its offers, is offered no more, and keeps its tasks", () => {
    const { story } = running();
    const before = story.effects.length;
    expect(operate(story, deactivate)).toBe("replyOk");
    const effects = story.effects.slice(before);
    expect(story.messagesTo("a0", effects)).toEqual([]);
    expect(story.offers(story.advance(60_000))).toEqual([]);
    expect(story.master.view.tasks.get(f0 as never)?.active.size).toBe(1);
  });

  it("[MST110] the offer of it that was held is rescinded; to accept it comes too late", () => {
    const { story, stream, offer } = offered();
    operate(story, deactivate);
    const before = story.effects.length;
    accept(story, stream, offer);
    expect(story.statuses(story.effects.slice(before))).toMatchObject([
      { state: "TASK_DROPPED", reason: "REASON_INVALID_OFFERS" },
    ]);
    expect(story.messagesTo("a0").some(({ type }) => type === "launchTask")).toBe(false);
  });

  it("[MST110] stays so through reconnects and elections", () => {
    const { story } = offered();
    operate(story, deactivate);
    story.send({ type: "agentDisconnected", connectionId: "a0" });
    story.hello("a0", { id: a0, capabilities });
    expect(story.offers(story.advance(60_000))).toEqual([]);
    const next = story.failOver();
    next.hello("a0", { id: a0, capabilities });
    next.subscribe("f0", { id: { value: f0 } });
    expect(next.offers(next.advance(1000))).toEqual([]);
    expect(operate(next, reactivate)).toBe("replyOk");
    expect(next.offers(next.advance(1000))).toHaveLength(1);
  });

  it("[MST111] reactivated while it is away, it is offered when it is back", () => {
    const { story } = offered();
    operate(story, deactivate);
    story.send({ type: "agentDisconnected", connectionId: "a0" });
    expect(operate(story, reactivate)).toBe("replyOk");
    expect(story.offers(story.advance(1000))).toEqual([]);
    story.hello("a0", { id: a0, capabilities });
    expect(story.offers(story.advance(1000))).toHaveLength(1);
  });

  it("[MST111] is refused what makes no sense", () => {
    const { story } = offered();
    expect(operate(story, reactivate)).toBe("Agent is not deactivated");
    operate(story, drain);
    expect(operate(story, reactivate)).toBe("Agent is still in the DRAINING state");
    const unknown = { agent_id: { value: "nope" } };
    expect(operate(story, { type: "DRAIN_AGENT", drain_agent: unknown })).toBe("Unknown agent");
  });
});

describe("an agent that is drained", () => {
  it("[MST112] [MST113] is told so, and drained when the end of its last task is acknowledged", () => {
    const { story, stream } = running();
    const before = story.effects.length;
    operate(story, drain);
    expect(story.messagesTo("a0", story.effects.slice(before))).toEqual([
      { type: "drainAgent", markGone: false },
    ]);
    expect(stateOf(story)).toBe("DRAINING");
    update(story, "TASK_KILLED", second);
    expect(stateOf(story)).toBe("DRAINING");
    acknowledge(story, stream, second);
    expect(stateOf(story)).toBe("DRAINED");
    expect(story.offers(story.advance(60_000))).toEqual([]);
    expect(operate(story, reactivate)).toBe("replyOk");
    expect(story.offers(story.advance(1000))).toHaveLength(1);
  });

  it("[MST113] without tasks is drained when it knows, not before", () => {
    const { story } = offered();
    operate(story, drain);
    expect(stateOf(story)).toBe("DRAINING");
    story.post("a0", [], story.messagesTo("a0").length - 1);
    expect(stateOf(story)).toBe("DRAINING");
    story.post("a0", [], story.messagesTo("a0").length);
    expect(stateOf(story)).toBe("DRAINED");
    operate(story, drain);
    expect(stateOf(story)).toBe("DRAINING");
  });

  it("[MST114] hears it again in each session, also of the next leader, before anything else", () => {
    const { story } = running();
    operate(story, {
      type: "DRAIN_AGENT",
      drain_agent: { agent_id: agentId, max_grace_period: { seconds: 2, nanos: 500_000_000 } },
    });
    const order = { type: "drainAgent", maxGraceMs: 2500, markGone: false };
    story.send({ type: "agentDisconnected", connectionId: "a0" });
    story.hello("a0", { id: a0, connection: "again", capabilities });
    expect(story.messagesTo("again")[1]).toEqual(order);
    const next = story.failOver();
    next.hello("a0", { id: a0, capabilities });
    expect(next.messagesTo("a0")[1]).toEqual(order);
    expect(stateOf(next)).toBe("DRAINING");
    next.post("a0", [], 2);
    expect(stateOf(next)).toBe("DRAINED");
  });

  it("[MST114] a launch that has not reached it is dropped, not sent again", () => {
    const { story, stream, offer } = offered();
    accept(story, stream, offer);
    story.send({ type: "agentDisconnected", connectionId: "a0" });
    operate(story, drain);
    const effects = story.hello("a0", { id: a0, connection: "again", capabilities });
    expect(story.messagesTo("again", effects).map(({ type }) => type)).toEqual([
      "welcome",
      "drainAgent",
      "ping",
    ]);
    expect(story.statuses(effects)).toMatchObject([
      { state: "TASK_DROPPED", reason: "REASON_AGENT_DRAINING" },
    ]);
  });

  it("[MST115] unreachable, it is drained when it is back, and can be reactivated while it is away", () => {
    const { story } = running();
    story.send({ type: "agentDisconnected", connectionId: "a0" });
    story.advance(600_000);
    expect(story.master.view.unreachableAgents.size).toBe(1);
    expect(operate(story, drain)).toBe("replyOk");
    expect(operate(story, reactivate)).toBe("Agent is still in the DRAINING state");
    story.hello("a0", { id: a0, connection: "again", capabilities });
    expect(story.messagesTo("again")[1]).toMatchObject({ type: "drainAgent" });
    const next = story.failOver();
    next.hello("a0", { id: a0, capabilities });
    next.post("a0", [], 2);
    expect(stateOf(next)).toBe("DRAINED");
    next.send({ type: "agentDisconnected", connectionId: "a0" });
    next.advance(600_000);
    const last = next.failOver({ masterId: "m2" as never });
    expect(operate(last, reactivate)).toBe("replyOk");
    expect(last.agentRecords.get(a0)).not.toHaveProperty("deactivated");
  });

  it("[MST112] of a release that cannot drain is refused, and nothing changes", () => {
    const story = new MasterStory();
    story.hello("a0");
    expect(operate(story, drain)).toContain("cannot drain");
    expect(story.agentRecords.get(a0)).not.toHaveProperty("deactivated");
  });

  it("[MST116] to be given up is gone for ever once it is empty", () => {
    const { story, stream } = running();
    operate(story, leave);
    update(story, "TASK_KILLED", second);
    const before = story.effects.length;
    acknowledge(story, stream, second);
    const effects = story.effects.slice(before);
    expect(story.messagesTo("a0", effects).at(-1)).toMatchObject({
      type: "refused",
      code: "AGENT_GONE",
      final: true,
    });
    expect(effects).toContainEqual({ type: "closeAgent", connectionId: "a0" });
    expect(story.master.view.agents.size).toBe(0);
    for (const each of [story, story.failOver()]) {
      each.hello("a0", { id: a0, connection: "again", capabilities });
      expect(each.messagesTo("again")).toMatchObject([{ code: "AGENT_GONE", final: true }]);
      expect(operate(each, drain)).toBe("Unknown agent");
    }
  });

  it("[MST116] a task that is asked about on an agent that is gone is TASK_GONE_BY_OPERATOR", () => {
    const { story, stream } = offered();
    operate(story, leave);
    story.post("a0", [], story.messagesTo("a0").length);
    const before = story.effects.length;
    story.call(
      {
        type: "RECONCILE",
        framework_id: { value: f0 },
        reconcile: { tasks: [{ task_id: { value: "old" }, agent_id: agentId }] },
      },
      stream,
    );
    expect(story.statuses(story.effects.slice(before))).toMatchObject([
      { state: "TASK_GONE_BY_OPERATOR", message: "Reconciliation: Task is gone" },
    ]);
  });
});

const markGone: Call["call"] = {
  type: "MARK_AGENT_GONE",
  mark_agent_gone: { agent_id: agentId },
};

/** Whoever leads refuses the agent for ever. */
function expectGone(story: MasterStory): void {
  for (const each of [story, story.failOver()]) {
    each.hello("a0", { id: a0, connection: "again", capabilities });
    expect(each.messagesTo("again")).toMatchObject([{ code: "AGENT_GONE", final: true }]);
    expect(operate(each, markGone)).toBe("replyOk");
  }
}

const goneTask = {
  state: "TASK_GONE_BY_OPERATOR",
  reason: "REASON_AGENT_REMOVED_BY_OPERATOR",
  message: "Agent has been marked gone",
};

describe("an agent that is marked gone", () => {
  it("[MST119] is gone with its tasks at once, and told so", () => {
    const { story } = running();
    const before = story.effects.length;
    expect(operate(story, markGone)).toBe("replyOk");
    const effects = story.effects.slice(before);
    expect(story.statuses(effects)).toMatchObject([goneTask]);
    expect(story.messagesTo("a0", effects)).toMatchObject([{ code: "AGENT_GONE", final: true }]);
    expect(story.master.view.agents.size).toBe(0);
    expect(story.master.view.tasks.get(f0 as never)?.active.size).toBe(0);
    expect(story.offers(story.advance(60_000))).toEqual([]);
    expectGone(story);
  });

  it("[MST119] loses the offers of it that are held", () => {
    const { story, stream, offer } = offered();
    operate(story, markGone);
    const before = story.effects.length;
    accept(story, stream, offer);
    expect(story.statuses(story.effects.slice(before))).toMatchObject([
      { state: "TASK_DROPPED", reason: "REASON_INVALID_OFFERS" },
    ]);
  });

  it("[MST119] unreachable and draining for ever, is gone at the operator's word, its tasks told so once", () => {
    const { story } = running();
    story.send({ type: "agentDisconnected", connectionId: "a0" });
    story.advance(600_000);
    operate(story, leave);
    const before = story.effects.length;
    expect(operate(story, markGone)).toBe("replyOk");
    const effects = story.effects.slice(before);
    expect(story.statuses(effects)).toMatchObject([goneTask]);
    expect(effects.some(({ type }) => type === "sendAgent")).toBe(false);
    expect(story.master.view.unreachableAgents.size).toBe(0);
    expect(story.master.view.tasks.get(f0 as never)?.unreachable.size).toBe(0);
    expectGone(story);
  });

  it("[MST119] expected back after an election, is not waited for", () => {
    const next = running().story.failOver();
    expect(operate(next, markGone)).toBe("replyOk");
    expect(next.master.view.recoveredAgents.size).toBe(0);
    expect(next.log.at(-1)).toMatchObject({ what: "recoveryEnded" });
    next.advance(3_600_000);
    expect(next.master.view.unreachableAgents.size).toBe(0);
    expectGone(next);
  });

  it("[MST119] unknown, is refused", () => {
    const { story } = offered();
    const mark_agent_gone = { agent_id: { value: "nope" } };
    expect(operate(story, { type: "MARK_AGENT_GONE", mark_agent_gone })).toBe("Unknown agent");
  });
});

const dayMs = 24 * 3_600_000;

describe("what is remembered of agents that are away", () => {
  it.each([
    ["deactivated", deactivate],
    ["drained", drain],
  ])("[MST117] an unreachable agent that is %s is not forgotten for its age", (_name, call) => {
    const { story } = offered();
    story.hello("other", { capabilities });
    operate(story, call);
    story.send({ type: "agentDisconnected", connectionId: "a0" });
    story.send({ type: "agentDisconnected", connectionId: "other" });
    story.advance(600_000);
    story.advance(15 * dayMs);
    const aged = [...story.agentRecords.values()].map((record) => ({
      ...record,
      unreachableMs: -15 * dayMs,
    }));
    story.hello("late", { capabilities });
    story.send({ type: "agentDisconnected", connectionId: "late" });
    story.advance(600_000);
    expect([...story.agentRecords.keys()]).toEqual([a0, "m0-S2"]);
    const next = new MasterStory({}, { agents: aged, weights: [], quotas: [] });
    expect([...next.agentRecords.keys()]).toEqual([a0]);
    next.hello("a0", { id: a0, capabilities });
    next.subscribe("f1");
    expect(next.offers(next.advance(1000))).toEqual([]);
  });

  it("[MST117] of too many the oldest is forgotten that nobody has taken out of use", () => {
    const agents = Array.from({ length: limits.unreachableAgentsMax + 1 }, (_, at) => {
      const { goneMs: _gone, ...record } = recordOf(`m0-S${at}`, 0);
      const word = at === 0 ? { deactivated: true as const } : {};
      return { ...record, ...word, unreachableMs: at };
    });
    const { agentRecords } = new MasterStory({}, { agents, weights: [], quotas: [] });
    expect(agentRecords.size).toBe(limits.unreachableAgentsMax);
    expect([agentRecords.has("m0-S0"), agentRecords.has("m0-S1")]).toEqual([true, false]);
  });

  it("[MST117] the old are forgotten also behind one that was drained while it was away", () => {
    const story = new MasterStory();
    for (const name of ["a0", "other"]) {
      story.hello(name, { capabilities });
      story.send({ type: "agentDisconnected", connectionId: name });
    }
    story.advance(600_000);
    operate(story, deactivate);
    operate(story, reactivate);
    story.advance(15 * dayMs);
    story.hello("late", { capabilities });
    story.send({ type: "agentDisconnected", connectionId: "late" });
    story.advance(600_000);
    expect([...story.agentRecords.keys()]).toEqual(["m0-S2"]);
  });

  it("[MST116] of an agent that is gone its name and the time are kept", () => {
    const { story } = offered();
    operate(story, leave);
    story.post("a0", [], story.messagesTo("a0").length);
    expect(story.agentRecords.get(a0)).toEqual({
      schema: 1,
      info: { hostname: "a0", id: agentId },
      bootId: "",
      release: "0.1.0",
      capabilities: [],
      registeredMs: 1_000_000,
      goneMs: story.wallMs,
    });
  });

  it("[MST118] only of an agent that is gone `/slaves` says so, when it is asked about it", () => {
    const { story } = offered();
    story.send({ type: "agentDisconnected", connectionId: "a0" });
    story.advance(600_000);
    const none = { slaves: [], recovered_slaves: [] };
    expect(slavesJson(story.master.view, a0)).toEqual(none);
    operate(story, leave);
    story.hello("a0", { id: a0, connection: "again", capabilities });
    expect(slavesJson(story.master.view, a0)).not.toHaveProperty("gone_slaves");
    const goneMs = story.wallMs;
    const sessionId = story.messagesTo("again").find(({ type }) => type === "welcome");
    if (sessionId?.type !== "welcome") throw new Error("not welcomed");
    story.send({
      type: "agentPost",
      requestId: "p",
      principal: trusted,
      sessionId: sessionId.sessionId,
      post: { acknowledged: story.messagesTo("again").length, messages: [] },
    });
    for (const { master } of [story, story.failOver()]) {
      const gone_slaves = [{ id: a0, gone_time: goneMs / 1000 }];
      expect(slavesJson(master.view, a0)).toEqual({ ...none, gone_slaves });
      expect(slavesJson(master.view, undefined)).toEqual(none);
    }
  });

  it("[MST116] a new leader forgets the oldest of too many that are gone, durably", () => {
    const agents = Array.from({ length: limits.goneAgentsMax + 1 }, (_, at) =>
      recordOf(`m0-S${at}`, at === 7 ? 1 : 1000 + at),
    );
    const { agentRecords } = new MasterStory({}, { agents, weights: [], quotas: [] });
    expect(agentRecords.size).toBe(limits.goneAgentsMax);
    expect([agentRecords.has("m0-S0"), agentRecords.has("m0-S7")]).toEqual([true, false]);
  });
});

function recordOf(value: string, goneMs: number): AgentRecord {
  return {
    schema: 1,
    info: { hostname: value, id: { value } },
    bootId: "",
    release: "0.1.0",
    capabilities: [],
    registeredMs: 1,
    goneMs,
  };
}
