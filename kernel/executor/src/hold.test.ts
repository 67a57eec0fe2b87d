import { describe, expect, it } from "vitest";
import { present } from "@tutti/base";
import type { TaskInfo } from "@tutti/mesos-v1";
import { framework, Story, taskWith } from "./testing/story.ts";

const served: Partial<TaskInfo> = {
  discovery: {
    visibility: "FRAMEWORK",
    ports: { ports: [{ number: 80, labels: { labels: [{ key: "VIP_0", value: "/web:80" }] } }] },
    labels: { labels: [{ key: "drainSeconds", value: "2" }] },
  },
};

const tcp = { succeeded: true, type: "tcp" } as const;
const checked: Partial<TaskInfo> = {
  ...served,
  health_check: { type: "TCP", tcp: { port: 80 }, delay_seconds: 0, grace_period_seconds: 0 },
};

const killed = (story: Story, graceMs?: number): Story => {
  story.take(story.executor.kill(story, graceMs));
  return story;
};

describe("the hold of SIGTERM", () => {
  it("[EXE17] TASK_KILLING at once, SIGTERM after the drain, SIGKILL after the whole grace", () => {
    const story = killed(new Story(taskWith(served)).launched(), 5_000);
    expect(story.states.at(-1)).toBe("TASK_KILLING");
    expect(story.pass(1_999).actions).toEqual([]);
    expect(story.pass(1).actions).toEqual(["signal 15"]);
    expect(story.pass(4_999).actions).toEqual(["signal 15"]);
    expect(story.pass(1).actions).toEqual(["signal 15", "destroy"]);
    expect(story.exited({ signal: 9 })?.state).toBe("TASK_KILLED");
  });

  it("[EXE17] without drainSeconds it lasts through a failover, and waits for connections no longer than two seconds", () => {
    const { labels: _, ...unlabelled } = present(served.discovery, "what the task serves");
    const story = killed(new Story(taskWith({ discovery: unlabelled })).launched()).pass(9_900);
    expect(story.executor.heldFor(story)).toEqual({ drainMs: 100, connectionsMs: 2_000 });
    expect(story.actions).toEqual([]);
    expect(story.pass(100).actions).toEqual(["signal 15"]);
  });

  it("[EXE17] ends with the command", () => {
    const story = killed(new Story(taskWith(served)).launched()).pass(500);
    expect(story.exited({ exitCode: 0 })?.state).toBe("TASK_KILLED");
    expect(story.pass(60_000).actions).toEqual([]);
  });

  it("[EXE17] is not prolonged by a second kill, whose shorter grace counts", () => {
    const story = killed(new Story(taskWith(served)).launched(), 10_000).pass(1_500);
    killed(killed(story, 30_000), 1_000);
    expect(story.pass(499).actions).toEqual([]);
    expect(story.pass(1).actions).toEqual(["signal 15"]);
    expect(story.pass(1_000).actions).toEqual(["signal 15", "destroy"]);
    expect(story.states.filter((state) => state === "TASK_KILLING")).toHaveLength(1);
  });

  it("[EXE20] ends when nobody is led to the task any more; the whole grace follows", () => {
    const story = killed(new Story(taskWith(served)).launched(), 5_000).pass(100);
    expect(story.executor.heldFor(story)).toEqual({ drainMs: 1_900 });
    story.take(story.executor.drained(story));
    expect(story.actions).toEqual(["signal 15"]);
    expect(story.executor.heldFor(story)).toBeUndefined();
    story.take(story.executor.drained(story));
    expect(story.pass(4_999).actions).toEqual(["signal 15"]);
    expect(story.pass(1).actions).toEqual(["signal 15", "destroy"]);
    expect(story.restart(0).states.filter((state) => state === "TASK_KILLING")).toHaveLength(1);
  });

  it("[EXE20] that a task nobody kills is drained is nothing", () => {
    const story = new Story(taskWith(served)).launched();
    story.take(story.executor.drained(story));
    expect(story.actions).toEqual([]);
    expect(story.executor.heldFor(story)).toBeUndefined();
  });

  it("[EXE18] none without a VIP, before the command runs, or for a framework without TASK_KILLING", () => {
    expect(killed(new Story(taskWith()).launched()).actions).toEqual(["signal 15"]);
    expect(killed(new Story(taskWith(served))).actions).toEqual(["destroy"]);
    const old = new Story(taskWith(served), { user: "nobody", name: "old" }).launched();
    expect(killed(old).actions).toEqual(["signal 15"]);
  });

  it("[EXE18] with a health check, only while the task is healthy", () => {
    const unproven = new Story(taskWith(checked)).launched().pass(0);
    expect(killed(unproven).actions.at(-1)).toBe("signal 15");
    const healthy = new Story(taskWith(checked)).launched().pass(0).result("health", 1, tcp);
    expect(killed(healthy).actions).toEqual(["health 1"]);
    expect(healthy.pass(2_000).actions.at(-1)).toBe("signal 15");
    const sick = new Story(taskWith(checked)).launched().pass(0).result("health", 1, tcp);
    sick.pass(10_000).result("health", 2, { type: "tcp", succeeded: false });
    expect(killed(sick).actions.at(-1)).toBe("signal 15");
  });

  it("[EXE18] none when the framework is gone; a hold in progress ends then", () => {
    const story = new Story(taskWith(served)).launched();
    story.take(story.executor.shutDown(story));
    expect(story.actions).toEqual(["signal 15"]);
    const held = killed(new Story(taskWith(served)).launched()).pass(100);
    held.take(held.executor.shutDown(held));
    expect(held.actions).toEqual(["signal 15"]);
    expect(held.pass(3_000).actions).toEqual(["signal 15", "destroy"]);
    held.take(held.executor.shutDown(held));
    expect(held.states.at(-1)).toBe("TASK_KILLING");
  });

  it("[EXE19] goes on after a restart of the agent, and the whole grace follows it", () => {
    const story = killed(new Story(taskWith(served)).launched(), 5_000)
      .pass(500)
      .restart(700);
    expect(story.pass(799).actions).toEqual([]);
    expect(story.pass(1).actions).toEqual(["signal 15"]);
    expect(story.pass(1_000).restart(0).actions).toEqual(["signal 15", "signal 15"]);
    expect(story.pass(3_999).actions).toHaveLength(2);
    expect(story.pass(1).actions.at(-1)).toBe("destroy");
  });

  it("[EXE19] however long the agent was away, and when the wall clock was set back", () => {
    const away = killed(new Story(taskWith(served), framework).launched(), 5_000).restart(
      3_600_000,
    );
    expect(away.pass(0).actions).toEqual(["signal 15"]);
    expect(away.pass(4_999).actions).toEqual(["signal 15"]);
    const back = killed(new Story(taskWith(served)).launched()).restart(-3_600_000);
    expect(back.pass(1_999).actions).toEqual([]);
    expect(back.pass(1).actions).toEqual(["signal 15"]);
  });
});
