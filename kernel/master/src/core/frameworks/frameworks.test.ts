import type { FrameworkInfo } from "@tutti/mesos-v1";
import { describe, expect, it } from "vitest";
import { launchOf, MasterStory, modernCapabilities, sleeper } from "../testing/story.ts";

const f0 = { value: "m0-0000" };

function errorOf(story: MasterStory, info: Partial<FrameworkInfo>): string | undefined {
  const from = story.effects.length;
  story.subscribe("f", info);
  const effects = story.effects.slice(from);
  const errors = effects.flatMap((effect) =>
    effect.type === "sendSchedulerEvent" && effect.event.error !== undefined
      ? [effect.event.error.message]
      : [],
  );
  if (errors.length > 0) expect(effects.at(-1)?.type).toBe("closeSchedulerStream");
  return errors[0];
}

describe("SUBSCRIBE", () => {
  it("[MST32] ids are <masterId>-NNNN; SUBSCRIBED and a heartbeat come at once, then every 15 s", () => {
    const story = new MasterStory();
    const stream = story.subscribe("f0");
    story.subscribe("f1");
    story.advance(15_000);
    expect(story.lines).toEqual([
      `  openStream ${stream}`,
      `  to ${stream}: SUBSCRIBED m0-0000`,
      `  to ${stream}: HEARTBEAT`,
      "  openStream uuid-1-2",
      "  to uuid-1-2: SUBSCRIBED m0-0001",
      "  to uuid-1-2: HEARTBEAT",
      `  to ${stream}: HEARTBEAT`,
      "  to uuid-1-2: HEARTBEAT",
    ]);
  });

  it.each<readonly [Partial<FrameworkInfo>, string]>([
    [{ id: { value: "a/b" } }, "'a/b' contains invalid characters"],
    [
      { roles: ["-bad role"] },
      "'FrameworkInfo.roles' contains invalid role: Role component '-bad role' is invalid because it starts with a dash",
    ],
    [{ roles: ["a", "a"] }, "'FrameworkInfo.roles' contains duplicate items: { a }"],
    [
      { role: "x" },
      "'FrameworkInfo.role' must not be set when the framework is MULTI_ROLE capable",
    ],
    [
      { roles: [".."] },
      "'FrameworkInfo.roles' contains invalid role: Role '..' cannot include '..' as a component",
    ],
    [
      { roles: ["a"], capabilities: [] },
      "'FrameworkInfo.roles' must not be set when the framework is not MULTI_ROLE capable",
    ],
    [{ failover_timeout: 1e300 }, "The framework failover_timeout (1e+300) is invalid"],
    [{ failover_timeout: -1e10 }, "The framework failover_timeout (-1e+10) is invalid"],
    [
      { failover_timeout: 9_333_333_333 },
      "The framework failover_timeout (9.33333e+09) is invalid",
    ],
    [{ failover_timeout: Infinity }, "The framework failover_timeout (inf) is invalid"],
    [
      { offer_filters: { "*": { min_allocatable_resources: { quantities: [{}] } } } },
      "Resource quantities must contain at least one quantity",
    ],
    [
      {
        offer_filters: {
          "*": {
            min_allocatable_resources: { quantities: [{ quantities: { mem: { value: -1 } } }] },
          },
        },
      },
      "Invalid resource quantity for 'mem': Negative values not supported",
    ],
  ])("[MST31] %j is answered with ERROR and the end", (info, message) => {
    expect(errorOf(new MasterStory(), info)).toBe(message);
  });

  it("[MST32] an id that was never seen is accepted", () => {
    const story = new MasterStory();
    story.subscribe("f", { id: { value: "never-seen" } });
    expect([...story.master.view.frameworks.keys()]).toEqual(["never-seen"]);
  });

  it("[MST32] a second subscription ends the first and gets its offers anew", () => {
    const story = new MasterStory();
    story.hello("a0");
    const first = story.subscribe("f0");
    story.advance(10);
    const from = story.lines.length;
    const second = story.subscribe("f0", { id: f0 });
    story.advance(10);
    expect(story.lines.slice(from)).toEqual([
      `  openStream ${second}`,
      `  to ${first}: ERROR Framework failed over`,
      `  closeStream ${first}`,
      `  to ${second}: SUBSCRIBED m0-0000`,
      `  to ${second}: HEARTBEAT`,
      `  to ${second}: OFFERS m0-O1 m0-S0`,
    ]);
    const old = story.call({ type: "REVIVE", framework_id: f0 }, first);
    expect(old).toMatchObject([{ refusal: { code: "STREAM_ID_MISMATCH" } }]);
  });

  it("[MST41] a framework of one role sees neither allocations nor stacked reservations", () => {
    const story = new MasterStory();
    const reserved = { type: "STATIC" as const, role: "web" };
    story.hello("a0", {
      resources: [
        { name: "cpus", type: "SCALAR", scalar: { value: 2 }, reservations: [reserved] },
        { name: "mem", type: "SCALAR", scalar: { value: 64 } },
      ],
    });
    const { roles: _roles, ...info } = { roles: [] };
    story.call({
      type: "SUBSCRIBE",
      subscribe: { framework_info: { user: "root", name: "old", role: "web", ...info } },
    });
    story.advance(10);
    const offers = story.effects.flatMap((effect) =>
      effect.type === "sendSchedulerEvent" ? (effect.event.offers?.offers ?? []) : [],
    );
    expect(offers[0]?.resources).toEqual([
      { name: "cpus", type: "SCALAR", scalar: { value: 2 }, role: "web" },
      { name: "mem", type: "SCALAR", scalar: { value: 64 }, role: "*" },
    ]);
    expect(offers[0]?.allocation_info).toBeUndefined();
  });
});

describe("a framework that goes away", () => {
  function launched(info: Partial<FrameworkInfo>): { story: MasterStory; stream: string } {
    const story = new MasterStory();
    story.hello("a0");
    const stream = story.subscribe("f0", info);
    const [offer = ""] = story.offers(story.advance(10));
    story.call(
      {
        type: "ACCEPT",
        framework_id: f0,
        accept: { offer_ids: [{ value: offer }], operations: [launchOf(sleeper("t", "m0-S0"))] },
      },
      stream,
    );
    return { story, stream };
  }

  it("[MST33] keeps its tasks for its failover timeout, then they are killed and it is completed", () => {
    const { story, stream } = launched({ failover_timeout: 10 });
    story.send({ type: "schedulerStreamClosed", streamId: stream as never });
    expect(story.messagesTo("a0", story.advance(9990)).map((message) => message.type)).toEqual([]);
    const effects = story.advance(20);
    expect(story.messagesTo("a0", effects)).toEqual([
      { type: "shutdownFramework", frameworkId: "m0-0000" },
    ]);
    expect(story.master.view.frameworks.size).toBe(0);
    expect(story.master.view.completedFrameworks.size).toBe(1);
    expect(story.master.view.agents.values().next().value?.used.isEmpty).toBe(true);
    expect(errorOf(story, { id: f0 })).toBe("Framework has been removed");
  });

  it("[MST33] coming back in time it keeps all", () => {
    const { story, stream } = launched({ failover_timeout: 10 });
    story.send({ type: "schedulerStreamClosed", streamId: stream as never });
    story.advance(9000);
    story.subscribe("f0", { id: f0 });
    story.advance(60_000);
    expect(story.master.view.tasks.values().next().value?.active.size).toBe(1);
  });

  it("[MST38] agents with its tasks are told when it comes back", () => {
    const { story } = launched({ failover_timeout: 10 });
    story.hello("a1");
    const from = story.effects.length;
    story.subscribe("f0", { id: f0, failover_timeout: 10 });
    const effects = story.effects.slice(from);
    expect(story.messagesTo("a0", effects).map(({ type }) => type)).toEqual(["updateFramework"]);
    expect(story.messagesTo("a1", effects)).toEqual([]);
  });

  it.each([0, -1, -9e9, Number.NaN])("[MST34] a failover timeout of %d is none", (seconds) => {
    const { story, stream } = launched({ failover_timeout: seconds });
    story.send({ type: "schedulerStreamClosed", streamId: stream as never });
    expect(story.master.view.frameworks.size).toBe(0);
  });

  it("[MST35] TEARDOWN ends it at once", () => {
    const { story, stream } = launched({});
    const effects = story.call({ type: "TEARDOWN", framework_id: f0 }, stream);
    expect(effects.map((effect) => effect.type)).toEqual([
      "replyAccepted",
      "sendAgent",
      "closeSchedulerStream",
    ]);
    const after = story.call({ type: "REVIVE", framework_id: f0 }, stream);
    expect(after).toMatchObject([{ refusal: { message: "Framework cannot be found" } }]);
  });

  it("[MST36] one that was only heard of has at least the agents' time to come back", () => {
    const { story } = launched({ failover_timeout: 0 });
    const next = story.failOver();
    next.hello("a0", {
      id: "m0-S0",
      frameworks: [
        { user: "root", name: "f0", id: f0, roles: ["*"], capabilities: modernCapabilities },
      ],
      tasks: [
        {
          name: "t",
          task_id: { value: "t" },
          framework_id: f0,
          agent_id: { value: "m0-S0" },
          state: "TASK_RUNNING",
        },
      ],
    });
    next.post("a0", [{ type: "pong" }]);
    for (let beat = 0; beat < 39; beat += 1) {
      next.advance(15_000);
      next.post("a0", [{ type: "pong" }]);
    }
    expect(next.master.view.frameworks.size).toBe(1);
    next.advance(20_000);
    expect(next.messagesTo("a0").at(-1)).toMatchObject({ type: "shutdownFramework" });
  });

  it("[MST35] an agent that comes back with its tasks later is told to end them", () => {
    const { story, stream } = launched({});
    story.send({ type: "agentDisconnected", connectionId: "a0" });
    story.call({ type: "TEARDOWN", framework_id: f0 }, stream);
    const effects = story.hello("a0", {
      id: "m0-S0",
      connection: "again",
      tasks: [
        {
          name: "t",
          task_id: { value: "t" },
          framework_id: f0,
          agent_id: { value: "m0-S0" },
          state: "TASK_RUNNING",
        },
      ],
    });
    expect(story.messagesTo("again", effects)).toContainEqual({
      type: "shutdownFramework",
      frameworkId: "m0-0000",
    });
  });
});

describe("offers", () => {
  it("[MST42] a suppressed role gets none until it is revived, and then at once", () => {
    const story = new MasterStory();
    const stream = story.subscribe("f0");
    story.call({ type: "SUPPRESS", framework_id: f0 }, stream);
    story.hello("a0");
    expect(story.offers(story.advance(14_000))).toEqual([]);
    story.call({ type: "REVIVE", framework_id: f0 }, stream);
    expect(story.offers(story.advance(5))).toHaveLength(1);
  });

  it("[MST44] a declined offer comes back after its time, or when the framework revives", () => {
    const story = new MasterStory();
    story.hello("a0");
    const stream = story.subscribe("f0");
    const [first = ""] = story.offers(story.advance(10));
    const decline = (id: string, seconds: number): void => {
      story.call(
        {
          type: "DECLINE",
          framework_id: f0,
          decline: { offer_ids: [{ value: id }], filters: { refuse_seconds: seconds } },
        },
        stream,
      );
    };
    decline(first, 2);
    expect(story.offers(story.advance(1900))).toEqual([]);
    const [second = ""] = story.offers(story.advance(200));
    decline(second, 3600);
    story.call({ type: "REVIVE", framework_id: f0 }, stream);
    expect(story.offers(story.advance(5))).toHaveLength(1);
  });

  it("[MST45] roles that are not its own are ignored", () => {
    const story = new MasterStory();
    const stream = story.subscribe("f0");
    story.call({ type: "SUPPRESS", framework_id: f0, suppress: { roles: ["other"] } }, stream);
    story.hello("a0");
    expect(story.offers(story.advance(10))).toHaveLength(1);
  });

  it("[MST43] an offer nobody answers is rescinded, where a timeout is set", () => {
    const story = new MasterStory({ offerTimeoutMs: 1000 });
    story.hello("a0");
    const stream = story.subscribe("f0");
    story.advance(10);
    const from = story.lines.length;
    story.advance(1000);
    expect(story.lines[from]).toBe(`  to ${stream}: RESCIND m0-O0`);
  });

  it("[MST40] changes within the interval share one allocation", () => {
    const story = new MasterStory();
    for (let number = 0; number < 20; number += 1) story.hello(`a${number}`);
    story.subscribe("f0");
    const before = story.master.view.metrics.allocationRuns;
    story.advance(5);
    expect(story.master.view.metrics.allocationRuns - before).toBe(1);
    expect(story.offers()).toHaveLength(20);
  });
});
