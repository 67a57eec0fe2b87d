import type { OfferOperation, TaskInfo } from "@tutti/mesos-v1";
import { describe, expect, it } from "vitest";
import { launchOf, MasterStory, sleeper } from "../testing/story.ts";

const a0 = "m0-S0";
const framework = { value: "m0-0000" };

/** A master with one agent of 4 cpus and a framework that holds its offer. */
function begin(): { story: MasterStory; stream: string; offer: string } {
  const story = new MasterStory();
  story.hello("a0");
  const stream = story.subscribe("f0");
  const [offer] = story.offers(story.advance(10));
  return { story, stream, offer: offer ?? "none" };
}

function accept(
  { story, stream }: { story: MasterStory; stream: string },
  offers: readonly string[],
  operations: readonly OfferOperation[],
): ReturnType<MasterStory["send"]> {
  return story.call(
    {
      type: "ACCEPT",
      framework_id: framework,
      accept: { offer_ids: offers.map((value) => ({ value })), operations },
    },
    stream,
  );
}

const scalar = (name: string, value: number, role?: string) => ({
  name,
  type: "SCALAR" as const,
  scalar: { value },
  ...(role === undefined ? {} : { allocation_info: { role } }),
});

/** Each row is one of the recorded launches of Mesos: what is wrong, and the words for it. */
const refused: readonly (readonly [string, Partial<TaskInfo>, string])[] = [
  ["MST50", { task_id: { value: "b/slash" } }, "'b/slash' contains invalid characters"],
  ["MST50", { task_id: { value: "" } }, "ID must not be empty"],
  ["MST50", { task_id: { value: "." } }, "'.' is disallowed"],
  ["MST50", { task_id: { value: "a\nb" } }, "'a\nb' contains invalid characters"],
  ["MST50", { task_id: { value: "x".repeat(256) } }, "ID must not be greater than 255 characters"],
  [
    "MST50",
    { agent_id: { value: "other" } },
    "Task uses invalid agent other while agent m0-S0 is expected",
  ],
  [
    "MST53",
    { kill_policy: { grace_period: { nanoseconds: -5 } } },
    "Task's 'kill_policy.grace_period' must be non-negative",
  ],
  [
    "MST53",
    { max_completion_time: { nanoseconds: -5 } },
    "Task's `max_completion_time` must be non-negative",
  ],
  [
    "MST54",
    { health_check: {} },
    "Task uses invalid health check: HealthCheck must specify 'type'",
  ],
  [
    "MST54",
    { health_check: { type: "HTTP", http: { port: 80, path: "x" } } },
    "Task uses invalid health check: The path 'x' of HTTP health check must start with '/'",
  ],
  ["MST54", { check: {} }, "Task uses invalid check: CheckInfo must specify 'type'"],
  [
    "MST54",
    { health_check: { type: "COMMAND", command: { value: "x" }, grace_period_seconds: -1 } },
    "Task uses invalid health check: Expecting 'grace_period_seconds' to be non-negative",
  ],
  [
    "MST55",
    { executor: { executor_id: { value: "e" } } },
    "Task should have at least one (but not both) of CommandInfo or ExecutorInfo present",
  ],
  [
    "MST55",
    { command: { value: "x", environment: { variables: [{ name: "A" }] } } },
    "Task's `CommandInfo` is invalid: Environment variable 'A' of type 'VALUE' must have a value set",
  ],
  ["MST52", { resources: [] }, "Task uses no resources"],
  [
    "MST52",
    { resources: [scalar("cpus", -1)] },
    "Resource 'cpus(allocated: *):-1' is invalid: Invalid scalar resource: value <= 0",
  ],
  [
    "MST52",
    { resources: [scalar("cpus", 100), scalar("mem", 32)] },
    "Total resources cpus(allocated: *):100; mem(allocated: *):32 required by task and its executor is more than available cpus(allocated: *):4; mem(allocated: *):4096; ports(allocated: *):[31000-31009]",
  ],
  [
    "MST52",
    { resources: [scalar("cpus", 1, "zzz")] },
    "Total resources cpus(allocated: zzz):1 required by task and its executor is more than available cpus(allocated: *):4; mem(allocated: *):4096; ports(allocated: *):[31000-31009]",
  ],
  [
    "MST52",
    { resources: [scalar("foo", 1)] },
    "Total resources foo(allocated: *):1 required by task and its executor is more than available cpus(allocated: *):4; mem(allocated: *):4096; ports(allocated: *):[31000-31009]",
  ],
];

describe("ACCEPT with LAUNCH", () => {
  it.each(refused)("[%s] %j is TASK_ERROR", (_rule, wrong, message) => {
    const world = begin();
    const effects = accept(world, [world.offer], [launchOf(sleeper("t", a0, wrong))]);
    expect(world.story.statuses(effects)).toEqual([
      expect.objectContaining({
        state: "TASK_ERROR",
        reason: "REASON_TASK_INVALID",
        source: "SOURCE_MASTER",
        message,
      }),
    ]);
    expect(world.story.messagesTo("a0", effects)).toEqual([]);
  });

  it("[MST55] a task without a command is TASK_ERROR", () => {
    const world = begin();
    const { command: _command, ...task } = sleeper("t", a0);
    const effects = accept(world, [world.offer], [launchOf(task)]);
    expect(world.story.statuses(effects)[0]?.message).toBe(
      "Task should have at least one (but not both) of CommandInfo or ExecutorInfo present",
    );
  });

  it("[MST57] the other tasks of the call launch; of two with one id the first does", () => {
    const world = begin();
    const tasks = [sleeper("t", a0), sleeper("t", a0), sleeper("u", a0)];
    const effects = accept(world, [world.offer], [launchOf(...tasks)]);
    expect(world.story.statuses(effects).map((status) => status.message)).toEqual([
      "Task has duplicate ID: t",
    ]);
    const launches = world.story.messagesTo("a0", effects).map((message) => message.type);
    expect(launches).toEqual(["launchTask", "launchTask"]);
  });

  it("[MST52] two tasks that exceed the offer together: the second is TASK_ERROR", () => {
    const world = begin();
    const big = { resources: [scalar("cpus", 3)] };
    const effects = accept(
      world,
      [world.offer],
      [launchOf(sleeper("t", a0, big), sleeper("u", a0, big))],
    );
    expect(world.story.statuses(effects)).toEqual([
      expect.objectContaining({
        task_id: { value: "u" },
        message:
          "Total resources cpus(allocated: *):3 required by task and its executor is more than available cpus(allocated: *):1; mem(allocated: *):4096; ports(allocated: *):[31000-31009]",
      }),
    ]);
  });

  it("[MST51] a missing allocation is that of the offer, and zero of a resource is nothing", () => {
    const world = begin();
    const task = sleeper("t", a0, { resources: [scalar("cpus", 0), scalar("mem", 32)] });
    const [launch] = world.story.messagesTo("a0", accept(world, [world.offer], [launchOf(task)]));
    expect(launch).toMatchObject({
      type: "launchTask",
      task: { resources: [{ allocation_info: { role: "*" } }, { allocation_info: { role: "*" } }] },
    });
  });

  it("[MST46] a stale offer: TASK_DROPPED, or TASK_LOST for whoever knows no better", () => {
    const world = begin();
    const effects = accept(world, ["m0-O99"], [launchOf(sleeper("t", a0))]);
    expect(world.story.statuses(effects)).toEqual([
      expect.objectContaining({
        state: "TASK_DROPPED",
        reason: "REASON_INVALID_OFFERS",
        message: "Task launched with invalid offers: Offer m0-O99 is no longer valid",
      }),
    ]);
    const old = new MasterStory();
    const stream = old.subscribe("old", { capabilities: [{ type: "MULTI_ROLE" }] });
    const lost = accept({ story: old, stream }, ["m0-O99"], [launchOf(sleeper("t", a0))]);
    expect(old.statuses(lost)[0]?.state).toBe("TASK_LOST");
  });

  it("[MST46] a call that arrives twice says nothing of the tasks it launched", () => {
    const world = begin();
    accept(world, [world.offer], [launchOf(sleeper("t", a0))]);
    const again = accept(world, [world.offer], [launchOf(sleeper("t", a0), sleeper("u", a0))]);
    expect(world.story.statuses(again).map(({ task_id: id }) => id.value)).toEqual(["u"]);
  });

  it("[MST46] a call with one stale offer gives its good ones back", () => {
    const world = begin();
    accept(world, [world.offer, "m0-O99"], [launchOf(sleeper("t", a0))]);
    expect(world.story.offers(world.story.advance(10))).toHaveLength(1);
  });

  it("[MST46] offers of two agents do not go together", () => {
    const story = new MasterStory();
    story.hello("a0");
    story.hello("a1");
    const stream = story.subscribe("f0");
    const offers = story.offers(story.advance(10));
    const effects = accept({ story, stream }, offers, [launchOf(sleeper("t", a0))]);
    expect(story.statuses(effects)[0]?.message).toContain(
      "Aggregated offers must belong to one single agent",
    );
  });

  it("[MST48] what remains comes back after the filter's time, and only then", () => {
    const world = begin();
    accept(world, [world.offer], [launchOf(sleeper("t", a0))]);
    expect(world.story.offers(world.story.advance(4900))).toEqual([]);
    expect(world.story.offers(world.story.advance(200))).toHaveLength(1);
  });

  it("[MST49] operations of later releases are refused with their id, task groups task by task", () => {
    const world = begin();
    const effects = accept(
      world,
      [world.offer],
      [
        { type: "RESERVE", id: { value: "op" }, reserve: { resources: [] } },
        { type: "CREATE" },
        {
          type: "LAUNCH_GROUP",
          launch_group: {
            executor: { executor_id: { value: "e" } },
            task_group: { tasks: [sleeper("p", a0), sleeper("p", a0)] },
          },
        },
      ],
    );
    expect(world.story.lines.slice(-4)).toMatchInlineSnapshot(`
      [
        "  replyAccepted r2",
        "  to uuid-1-2: UPDATE_OPERATION_STATUS OPERATION_ERROR The operation RESERVE is not supported by this release; nothing was changed",
        "  to uuid-1-2: UPDATE p TASK_ERROR REASON_TASK_GROUP_INVALID Task groups (LAUNCH_GROUP) are not supported by this release; launch each task by itself with LAUNCH",
        "  to uuid-1-2: UPDATE p TASK_ERROR REASON_TASK_GROUP_INVALID Task groups (LAUNCH_GROUP) are not supported by this release; launch each task by itself with LAUNCH",
      ]
    `);
    expect(effects).toHaveLength(4);
  });
});
