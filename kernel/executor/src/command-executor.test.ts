import { describe, expect, it } from "vitest";
import type { TaskInfo } from "@tutti/mesos-v1";
import { Story, taskWith } from "./testing/story.ts";
import type { CommandExit, ProbeResult, StatusDraft } from "./types.ts";

describe("the end of a command", () => {
  const running = (): Story => new Story().launched();
  const cases: readonly [string, Partial<CommandExit>, Partial<StatusDraft>][] = [
    [
      "[EXE4] status 0 finishes the task",
      { exitCode: 0 },
      {
        state: "TASK_FINISHED",
        message: "Command exited with status 0",
        source: "SOURCE_EXECUTOR",
      },
    ],
    [
      "[EXE4] another status fails it, without a reason",
      { exitCode: 3 },
      { state: "TASK_FAILED", message: "Command exited with status 3", source: "SOURCE_EXECUTOR" },
    ],
    [
      "[EXE4] a signal fails it and is named",
      { signal: 11 },
      {
        state: "TASK_FAILED",
        message: "Command terminated with signal Segmentation fault",
        source: "SOURCE_EXECUTOR",
      },
    ],
    [
      "[EXE7] memory is named with its limit",
      { signal: 9, oomKilled: true },
      {
        state: "TASK_FAILED",
        message: "Memory limit exceeded: Requested: 64MB",
        reason: "REASON_CONTAINER_LIMITATION_MEMORY",
        source: "SOURCE_AGENT",
        limitation: { resources: [{ name: "mem", type: "SCALAR", scalar: { value: 64 } }] },
      },
    ],
    [
      "[EXE7] a child killed for memory does not fail a command that went well",
      { exitCode: 0, oomKilled: true },
      {
        state: "TASK_FINISHED",
        message: "Command exited with status 0",
        source: "SOURCE_EXECUTOR",
      },
    ],
    [
      "[EXE8] an unknown end is a failure of the executor",
      { unknown: true },
      {
        state: "TASK_FAILED",
        message: "Failed to get exit status for Command",
        reason: "REASON_COMMAND_EXECUTOR_FAILED",
        source: "SOURCE_EXECUTOR",
      },
    ],
  ];
  it.each(cases)("%s", (_title, exit, expected) => {
    const story = running();
    expect(story.exited(exit)).toEqual(expected);
    expect(story.states.slice(0, 2)).toEqual(["TASK_STARTING", "TASK_RUNNING"]);
  });

  it("[EXE2] a command that ended before it was seen running was running", () => {
    const story = new Story();
    story.exited({ exitCode: 0 });
    expect(story.states).toEqual(["TASK_STARTING", "TASK_RUNNING", "TASK_FINISHED"]);
  });

  it("[EXE4] nothing follows the end", () => {
    const story = running();
    story.exited({ exitCode: 0 });
    story.exited({ exitCode: 1 });
    story.launched();
    story.take(story.executor.kill(story));
    story.pass(100_000);
    expect(story.states).toEqual(["TASK_STARTING", "TASK_RUNNING", "TASK_FINISHED"]);
    expect(story.actions).toEqual([]);
  });

  it("[EXE3] a failed launch names its cause", () => {
    const story = new Story();
    story.take(story.executor.launchFailed("create: no such user"));
    expect(story.updates.at(-1)).toEqual({
      state: "TASK_FAILED",
      message: "Failed to launch container: create: no such user",
      reason: "REASON_CONTAINER_LAUNCH_FAILED",
      source: "SOURCE_AGENT",
    });
  });
});

describe("a kill", () => {
  it("[EXE5] is TASK_KILLING, SIGTERM, and TASK_KILLED whatever the exit status", () => {
    const story = new Story().launched();
    story.take(story.executor.kill(story));
    expect(story.actions).toEqual(["signal 15"]);
    expect(story.exited({ exitCode: 0 })).toMatchObject({
      state: "TASK_KILLED",
      message: "Command exited with status 0",
    });
    expect(story.states).toEqual(["TASK_STARTING", "TASK_RUNNING", "TASK_KILLING", "TASK_KILLED"]);
  });

  it("[EXE5] leaves TASK_KILLING out for a framework that does not know it", () => {
    const story = new Story(taskWith(), { user: "nobody", name: "old" }).launched();
    story.take(story.executor.kill(story));
    story.exited({ signal: 15 });
    expect(story.states).toEqual(["TASK_STARTING", "TASK_RUNNING", "TASK_KILLED"]);
    expect(story.updates.at(-1)?.message).toBe("Command terminated with signal Terminated");
  });

  it("[EXE5] becomes SIGKILL after the grace period: 3 s, the task's, or the kill's", () => {
    const patient = taskWith({ kill_policy: { grace_period: { nanoseconds: 20_000_000_000 } } });
    for (const [info, graceMs, expectedMs] of [
      [taskWith(), undefined, 3_000],
      [patient, undefined, 20_000],
      [patient, 5_000, 5_000],
    ] as const) {
      const story = new Story(info).launched();
      story.take(story.executor.kill(story, graceMs));
      expect(story.pass(expectedMs - 1).actions).toEqual(["signal 15"]);
      expect(story.pass(1).actions).toEqual(["signal 15", "destroy"]);
    }
  });

  it("[EXE5] may be hastened by a second one and not delayed", () => {
    const story = new Story().launched();
    story.take(story.executor.kill(story, 20_000));
    expect(story.take(story.executor.kill(story, 30_000)).changed).toBe(false);
    story.pass(4_000);
    story.take(story.executor.kill(story, 5_000));
    expect(story.pass(999).actions).toEqual(["signal 15"]);
    expect(story.pass(1).actions).toEqual(["signal 15", "destroy"]);
    const late = new Story().launched();
    late.take(late.executor.kill(late, 20_000));
    late.pass(10_000);
    late.take(late.executor.kill(late, 5_000));
    expect(late.pass(0).actions).toEqual(["signal 15", "destroy"]);
  });

  it("[EXE6] before the command runs destroys the container", () => {
    const story = new Story();
    story.take(story.executor.kill(story));
    expect(story.actions).toEqual(["destroy"]);
    story.launched();
    expect(story.exited({ signal: 9 })).toMatchObject({
      state: "TASK_KILLED",
      reason: "REASON_TASK_KILLED_DURING_LAUNCH",
    });
    expect(story.states).toEqual(["TASK_STARTING", "TASK_KILLED"]);
  });

  it("[EXE6] before a launch that then fails is a kill all the same", () => {
    const story = new Story();
    story.take(story.executor.kill(story));
    story.take(story.executor.launchFailed("gone"));
    expect(story.states).toEqual(["TASK_STARTING", "TASK_KILLED"]);
  });

  it("[EXE5] max_completion_time kills without TASK_KILLING or grace and fails the task", () => {
    const story = new Story(taskWith({ max_completion_time: { nanoseconds: 2e9 } })).launched();
    expect(story.pass(1_999).actions).toEqual([]);
    expect(story.pass(1).actions).toEqual(["signal 15", "destroy"]);
    expect(story.exited({ signal: 15 })).toEqual({
      state: "TASK_FAILED",
      message: "Command terminated with signal Terminated",
      reason: "REASON_MAX_COMPLETION_TIME_REACHED",
      source: "SOURCE_EXECUTOR",
    });
    expect(story.states).toEqual(["TASK_STARTING", "TASK_RUNNING", "TASK_FAILED"]);
  });
});

const healthy: ProbeResult = { type: "command", exitCode: 0 };
const sick: ProbeResult = { type: "command", exitCode: 1 };

function checked(extra: Partial<NonNullable<TaskInfo["health_check"]>>, label = false): TaskInfo {
  return taskWith({
    health_check: {
      type: "COMMAND",
      command: { value: "test ! -e sick" },
      delay_seconds: 1,
      interval_seconds: 2,
      grace_period_seconds: 10,
      consecutive_failures: 2,
      ...extra,
    },
    ...(label ? { labels: { labels: [{ key: "tutti.health.reportOnly", value: "true" }] } } : {}),
  });
}

describe("a health check", () => {
  it("[EXE10] runs after its delay, then an interval after each result, one at a time", () => {
    const story = new Story(checked({})).launched();
    expect(story.pass(999).actions).toEqual([]);
    expect(story.pass(1).actions).toEqual(["health 1"]);
    expect(story.pass(60_000).actions).toEqual(["health 1"]);
    story.result("health", 1, healthy);
    expect(story.pass(1_999).actions).toEqual(["health 1"]);
    expect(story.pass(1).actions).toEqual(["health 1", "health 2"]);
  });

  it("[EXE11] tells of the first success and of each change, not of each success", () => {
    const story = new Story(checked({ grace_period_seconds: 0 })).launched().pass(1_000);
    story.result("health", 1, healthy).pass(2_000).result("health", 2, healthy).pass(2_000);
    story.result("health", 3, sick).pass(2_000).result("health", 4, healthy);
    expect(story.updates.slice(2)).toEqual([
      expect.objectContaining({
        state: "TASK_RUNNING",
        reason: "REASON_TASK_HEALTH_CHECK_STATUS_UPDATED",
        healthy: true,
      }),
      expect.objectContaining({ healthy: false }),
      expect.objectContaining({ healthy: true }),
    ]);
  });

  it("[EXE12] ignores failures of the grace period until the first success", () => {
    const story = new Story(checked({})).launched().pass(1_000).result("health", 1, sick);
    story.pass(2_000).result("health", 2, sick);
    expect(story.states).toEqual(["TASK_STARTING", "TASK_RUNNING"]);
    story.pass(2_000).result("health", 3, healthy);
    story.pass(2_000).result("health", 4, sick);
    expect(story.updates.at(-1)).toMatchObject({ healthy: false });
  });

  it("[EXE13] kills after enough failures in a row, and the end says why", () => {
    const story = new Story(checked({ grace_period_seconds: 0 })).launched().pass(1_000);
    story.result("health", 1, sick).pass(2_000).result("health", 2, sick);
    story.exited({ signal: 15 });
    expect(story.actions).toEqual(["health 1", "health 2", "signal 15"]);
    expect(story.updates.slice(2).map(({ state, healthy: well }) => [state, well])).toEqual([
      ["TASK_RUNNING", false],
      ["TASK_RUNNING", false],
      ["TASK_KILLING", undefined],
      ["TASK_KILLED", false],
    ]);
  });

  it("[EXE14] only reports when it is told to, and counts the failures", () => {
    const story = new Story(checked({ grace_period_seconds: 0 }, true)).launched().pass(1_000);
    for (let attempt = 1; attempt <= 5; attempt += 1) {
      story.result("health", attempt, { type: "failed", message: "refused" }).pass(2_000);
    }
    expect(story.states.slice(2)).toEqual(Array.from({ length: 5 }, () => "TASK_RUNNING"));
    expect(story.updates.at(-1)).toMatchObject({
      message: "COMMAND health check failed: refused",
      labels: { labels: [{ key: "tutti.health.consecutiveFailures", value: "5" }] },
    });
  });

  it("[EXE10] a check that could not be made says nothing", () => {
    const story = new Story(checked({ grace_period_seconds: 0 })).launched().pass(1_000);
    story.result("health", 1, { type: "skipped" }).pass(2_000);
    expect(story.states).toEqual(["TASK_STARTING", "TASK_RUNNING"]);
    expect(story.actions).toEqual(["health 1", "health 2"]);
  });

  it.each([
    [{ type: "http", statusCode: 199 }, false],
    [{ type: "http", statusCode: 200 }, true],
    [{ type: "http", statusCode: 399 }, true],
    [{ type: "http", statusCode: 400 }, false],
    [{ type: "tcp", succeeded: true }, true],
    [{ type: "tcp", succeeded: false }, false],
    [{ type: "command", signal: 9 }, false],
  ] as const)("[EXE12] %j means healthy: %s", (result, well) => {
    const story = new Story(checked({ grace_period_seconds: 0 })).launched().pass(1_000);
    story.result("health", 1, result);
    expect(story.updates.at(-1)?.healthy).toBe(well);
  });
});

describe("a check", () => {
  const info = taskWith({
    check: { type: "COMMAND", command: { command: { value: "exit 7" } }, delay_seconds: 0 },
    health_check: { type: "TCP", tcp: { port: 80 }, delay_seconds: 0, grace_period_seconds: 0 },
  });

  it("[EXE16] shows an empty status first, then tells of changes only, health beside it", () => {
    const story = new Story(info).launched().pass(0);
    story.result("check", 1, { type: "command", exitCode: 7 });
    story.result("health", 1, { type: "tcp", succeeded: true }).pass(10_000);
    story.result("check", 2, { type: "command", exitCode: 7 }).pass(10_000);
    story.result("check", 3, { type: "failed", message: "deadline" });
    const seen = { type: "COMMAND", command: { exit_code: 7 } };
    const empty = { type: "COMMAND", command: {} };
    expect(story.updates.map(({ check_status: status, healthy: well }) => [status, well])).toEqual([
      [empty, undefined],
      [empty, undefined],
      [seen, undefined],
      [seen, true],
      [empty, true],
    ]);
    expect(story.exited({ exitCode: 0 })?.check_status).toEqual(empty);
  });
});

describe("after a restart of the agent", () => {
  it("[EXE15] a task that was starting and is found running is running", () => {
    const story = new Story().restart(500);
    expect(story.states).toEqual(["TASK_STARTING", "TASK_RUNNING"]);
  });

  it("[EXE15] a kill goes on with what is left of its grace", () => {
    const story = new Story().launched();
    story.take(story.executor.kill(story, 10_000));
    story.pass(4_000).restart(3_000);
    expect(story.actions).toEqual(["signal 15", "signal 15"]);
    expect(story.pass(2_999).actions).toEqual(["signal 15", "signal 15"]);
    expect(story.pass(1).actions).toEqual(["signal 15", "signal 15", "destroy"]);
    expect(story.states.filter((state) => state === "TASK_KILLING")).toHaveLength(1);
  });

  it("[EXE15] max_completion_time counts from the first start", () => {
    const story = new Story(taskWith({ max_completion_time: { nanoseconds: 10e9 } })).launched();
    story.pass(4_000).restart(3_000);
    expect(story.pass(2_999).actions).toEqual([]);
    expect(story.pass(1).actions).toEqual(["signal 15", "destroy"]);
  });

  it("[EXE15] a wall clock that was set back prolongs nothing beyond the whole period", () => {
    const story = new Story(taskWith({ max_completion_time: { nanoseconds: 10e9 } })).launched();
    story.restart(-100_000);
    expect(story.pass(10_000).actions).toEqual(["signal 15", "destroy"]);
  });

  it("[EXE15] health is remembered: no second first report, no second grace period", () => {
    const story = new Story(checked({})).launched().pass(1_000).result("health", 1, healthy);
    story.restart(1_000).pass(0).result("health", 1, healthy).pass(2_000);
    expect(story.updates).toHaveLength(3);
    story.result("health", 2, sick);
    expect(story.updates.at(-1)).toMatchObject({ healthy: false });
  });
});
