import type { SchedulerCall } from "@tutti/mesos-v1";
import { describe, expect, it } from "vitest";
import { launchOf, MasterStory, modernCapabilities, sleeper } from "../testing/story.ts";

const f0 = { value: "m0-0000" };
const a0 = "m0-S0";

/** A master with an agent, a framework, and its task `t`. */
function begin(): { story: MasterStory; stream: string } {
  const story = new MasterStory();
  story.hello("a0");
  const stream = story.subscribe("f0");
  const [offer = ""] = story.offers(story.advance(10));
  story.call(
    {
      type: "ACCEPT",
      framework_id: f0,
      accept: { offer_ids: [{ value: offer }], operations: [launchOf(sleeper("t", a0))] },
    },
    stream,
  );
  return { story, stream };
}

function refusalOf(call: SchedulerCall, streamId?: string): unknown {
  const { story, stream } = begin();
  const [effect] = story.call(call, streamId ?? stream);
  return effect?.type === "replyRefused"
    ? [effect.refusal.code, effect.refusal.message]
    : effect?.type;
}

describe("calls that are wrong by themselves", () => {
  const text = (fault: string): readonly string[] => [
    "INVALID_CALL",
    `Failed to validate scheduler::Call: ${fault}`,
  ];
  it.each<readonly [SchedulerCall, unknown]>([
    [{}, text("Expecting 'type' to be present")],
    [{ type: "KILL" }, text("Expecting 'framework_id' to be present")],
    [{ type: "KILL", framework_id: f0 }, text("Expecting 'kill' to be present")],
    [
      {
        type: "ACKNOWLEDGE",
        framework_id: f0,
        acknowledge: { agent_id: { value: "x" }, task_id: { value: "x" }, uuid: "AAAA" },
      },
      text("Not a valid UUID"),
    ],
    [
      {
        type: "UPDATE_FRAMEWORK",
        framework_id: f0,
        update_framework: { framework_info: { user: "root", name: "x" } },
      },
      text("'framework_id' differs from 'update_framework.framework_info.id'"),
    ],
    [
      { type: "REVIVE", framework_id: { value: "nope" } },
      ["FRAMEWORK_UNKNOWN", "Framework cannot be found"],
    ],
    [{ type: "UNKNOWN", framework_id: f0 }, ["NOT_SUPPORTED", "501 Not Implemented."]],
  ])("[MST30] %j", (call, refusal) => {
    expect(refusalOf(call)).toEqual(refusal);
  });

  it("[MST2] an anonymous principal may not use the scheduler API", () => {
    const { story, stream } = begin();
    const effects = story.send({
      type: "schedulerCall",
      requestId: "x",
      principal: { type: "anonymous", name: "anonymous" },
      call: { type: "TEARDOWN", framework_id: f0 },
      streamId: stream,
      remoteAddress: "",
    });
    expect(effects).toMatchObject([{ type: "replyRefused", refusal: { code: "UNAUTHORISED" } }]);
    expect(story.master.view.frameworks.size).toBe(1);
  });
});

describe("KILL", () => {
  it("[MST61] goes to the agent with its policy", () => {
    const { story, stream } = begin();
    const policy = { grace_period: { nanoseconds: 5e9 } };
    const effects = story.call(
      { type: "KILL", framework_id: f0, kill: { task_id: { value: "t" }, kill_policy: policy } },
      stream,
    );
    expect(story.messagesTo("a0", effects)).toEqual([
      { type: "killTask", frameworkId: f0.value, taskId: "t", killPolicy: policy },
    ]);
  });

  it.each([
    ["an unknown task", { task_id: { value: "no" } }, "TASK_UNKNOWN"],
    [
      "an unknown task of a known agent",
      { task_id: { value: "no" }, agent_id: { value: a0 } },
      "TASK_GONE",
    ],
    [
      "a task that is elsewhere",
      { task_id: { value: "t" }, agent_id: { value: "other" } },
      "TASK_STAGING",
    ],
  ])("[MST61] of %s is answered, and nothing is killed", (_name, kill, state) => {
    const { story, stream } = begin();
    const effects = story.call({ type: "KILL", framework_id: f0, kill }, stream);
    expect(story.statuses(effects)).toMatchObject([{ state, reason: "REASON_RECONCILIATION" }]);
    expect(story.statuses(effects)[0]?.uuid).toBeUndefined();
    expect(story.messagesTo("a0", effects)).toEqual([]);
  });
});

describe("RECONCILE", () => {
  it.each([
    [{ task_id: { value: "t" } }, "TASK_STAGING", "Reconciliation: Latest task state"],
    [
      { task_id: { value: "no" }, agent_id: { value: a0 } },
      "TASK_GONE",
      "Reconciliation: Task is unknown to the agent",
    ],
    [
      { task_id: { value: "no" }, agent_id: { value: "x" } },
      "TASK_UNKNOWN",
      "Reconciliation: Task is unknown",
    ],
    [{ task_id: { value: "no" } }, "TASK_UNKNOWN", "Reconciliation: Task is unknown"],
  ])("[MST64] [MST65] %j", (task, state, message) => {
    const { story, stream } = begin();
    const effects = story.call(
      { type: "RECONCILE", framework_id: f0, reconcile: { tasks: [task] } },
      stream,
    );
    expect(story.statuses(effects)).toMatchObject([{ state, message, source: "SOURCE_MASTER" }]);
  });

  it("[MST65] of a task that is unreachable with its agent", () => {
    const { story, stream } = begin();
    story.advance(100_000);
    const effects = story.call(
      { type: "RECONCILE", framework_id: f0, reconcile: { tasks: [{ task_id: { value: "t" } }] } },
      stream,
    );
    expect(story.statuses(effects)).toMatchObject([
      { state: "TASK_UNREACHABLE", message: "Reconciliation: Task is unreachable" },
    ]);
  });

  it("[MST64] without tasks: all of the framework's", () => {
    const { story, stream } = begin();
    const effects = story.call({ type: "RECONCILE", framework_id: f0, reconcile: {} }, stream);
    expect(story.statuses(effects).map((status) => status.task_id.value)).toEqual(["t"]);
  });

  it("[MST66] operations are unknown", () => {
    const { story, stream } = begin();
    story.call(
      {
        type: "RECONCILE_OPERATIONS",
        framework_id: f0,
        reconcile_operations: { operations: [{ operation_id: { value: "op" } }] },
      },
      stream,
    );
    expect(story.lines.at(-1)).toBe(
      `  to ${stream}: UPDATE_OPERATION_STATUS OPERATION_UNKNOWN Reconciliation: Operation is unknown`,
    );
  });
});

describe("UPDATE_FRAMEWORK", () => {
  const info = {
    user: "root",
    name: "renamed",
    id: f0,
    roles: ["*", "extra"],
    capabilities: modernCapabilities,
    failover_timeout: 60,
  };

  it("[MST37] changes what may change, and its agents learn of it", () => {
    const { story, stream } = begin();
    const effects = story.call(
      { type: "UPDATE_FRAMEWORK", framework_id: f0, update_framework: { framework_info: info } },
      stream,
    );
    expect(effects.some((effect) => effect.type === "replyOk")).toBe(true);
    expect(story.messagesTo("a0", effects)).toMatchObject([{ type: "updateFramework" }]);
    expect([...story.master.view.frameworks.values()]).toMatchObject([
      { info: { name: "renamed" }, roles: ["*", "extra"] },
    ]);
  });

  it("[MST37] another user is refused", () => {
    const changed = { ...info, user: "other" };
    expect(
      refusalOf({
        type: "UPDATE_FRAMEWORK",
        framework_id: f0,
        update_framework: { framework_info: changed },
      }),
    ).toEqual([
      "UPDATE_INVALID",
      "FrameworkInfo update is not valid: Updating 'FrameworkInfo.user' is unsupported; attempted to update from 'root' to 'other'",
    ]);
  });
});

describe("calls to executors", () => {
  it("[MST68] SHUTDOWN of a command task's executor kills the task", () => {
    const { story, stream } = begin();
    const effects = story.call(
      {
        type: "SHUTDOWN",
        framework_id: f0,
        shutdown: { executor_id: { value: "t" }, agent_id: { value: a0 } },
      },
      stream,
    );
    expect(story.messagesTo("a0", effects)).toMatchObject([{ type: "killTask", taskId: "t" }]);
  });

  it.each(["MESSAGE", "REQUEST", "ACCEPT_INVERSE_OFFERS", "DECLINE_INVERSE_OFFERS"] as const)(
    "[MST67] %s is accepted and has no effect",
    (type) => {
      const { story, stream } = begin();
      const effects = story.call(
        {
          type,
          framework_id: f0,
          message: { agent_id: { value: a0 }, executor_id: { value: "t" }, data: "" },
          request: {},
          accept_inverse_offers: {},
          decline_inverse_offers: {},
        },
        stream,
      );
      expect(effects.map((effect) => effect.type)).toEqual(["replyAccepted"]);
    },
  );
});

describe("UPDATE_WEIGHTS", () => {
  const update = (story: MasterStory, role: string, weight: number): unknown =>
    story.send({
      type: "operatorCall",
      requestId: "w",
      principal: { type: "trusted", name: "cluster" },
      call: { type: "UPDATE_WEIGHTS", update_weights: { weight_infos: [{ role, weight }] } },
    });

  it("[MST70] is durable, and not taken when it is no weight", () => {
    const story = new MasterStory();
    update(story, "dev", 2.5);
    expect(update(story, "dev", 0)).toMatchObject([{ refusal: { code: "WEIGHTS_INVALID" } }]);
    expect(update(story, "a b", 1)).toMatchObject([{ refusal: { code: "WEIGHTS_INVALID" } }]);
    expect(story.weights).toEqual([{ role: "dev", weight: 2.5 }]);
    expect([...story.failOver().master.view.weights]).toEqual([["dev", 2.5]]);
  });
});
