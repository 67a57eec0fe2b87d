import { describe, expect, it } from "vitest";
import type { MasterMessage } from "@tutti/node-v1";
import { getAgent } from "./read/responses.ts";
import { commandTask, framework, served } from "./testing/tasks.ts";
import { SimulatedWorld } from "./testing/simulated-world.ts";

const drain: MasterMessage = { type: "drainAgent", markGone: false };

function running(...tasks: readonly ReturnType<typeof commandTask>[]): SimulatedWorld {
  const world = new SimulatedWorld().start().pass(100);
  for (const task of tasks) world.master.launch(framework, task);
  return world.pass(100);
}

function lastOf(world: SimulatedWorld, taskId: string): unknown {
  return world.master.told.get(taskId)?.at(-1)?.status;
}

describe("a drain", () => {
  it("[AGT37] kills every task and names the drain as the reason", () => {
    const world = running(commandTask("t1"), commandTask("t2"));
    world.master.order(drain);
    world.pass(100);
    for (const id of ["t1", "t2"]) {
      expect(world.master.statesOf(id).slice(-2)).toEqual(["TASK_KILLING", "TASK_KILLED"]);
      const reasons = world.master.told
        .get(id)
        ?.slice(-2)
        .map(({ status }) => status.reason);
      expect(reasons).toEqual(["REASON_AGENT_DRAINING", "REASON_AGENT_DRAINING"]);
    }
    expect(world.machine.running()).toEqual([]);
    expect(world.durable().agent).not.toHaveProperty("drain");
  });

  it.each([
    ["the grace of the order, where it is the shorter", 500, 500],
    ["the grace of the task, where that is the shorter", 60_000, 2_000],
  ])("[EXE21] gives a task that ignores SIGTERM %s", (_name, maxGraceMs, expectedMs) => {
    const world = running(
      commandTask("t1", { kill_policy: { grace_period: { nanoseconds: 2_000_000_000 } } }),
    );
    world.machine.obedient = false;
    world.master.order({ type: "drainAgent", markGone: false, maxGraceMs });
    expect(world.pass(expectedMs - 100).machine.running()).toHaveLength(1);
    expect(world.pass(300).machine.running()).toEqual([]);
    expect(lastOf(world, "t1")).toMatchObject({ state: "TASK_KILLED" });
  });

  it("[AGT37] [AGT36] holds SIGTERM to a task behind a virtual IP until every machine has let go", () => {
    const world = new SimulatedWorld().start().pass(100);
    world.drainedAfterMs = 80;
    world.master.launch(framework, commandTask("t1", served));
    world.pass(100).master.order(drain);
    world.pass(70);
    expect(world.master.statesOf("t1").at(-1)).toBe("TASK_KILLING");
    expect(world.machine.signals).toEqual([]);
    world.pass(20);
    expect(world.machine.signals).toHaveLength(1);
  });

  it("[AGT38] goes on where it was when the agent is killed and started again", () => {
    const world = running(commandTask("t1", served));
    world.master.order({ ...drain, maxGraceMs: 700 });
    world.pass(50);
    expect(world.durable().agent?.drain).toMatchObject({ maxGraceMs: 700, markGone: false });
    world.kill().pass(500).start().pass(2_500);
    expect(lastOf(world, "t1")).toMatchObject({
      state: "TASK_KILLED",
      reason: "REASON_AGENT_DRAINING",
    });
    expect(world.machine.signals).toHaveLength(1);
    expect(world.durable().agent).not.toHaveProperty("drain");
  });

  it("[AGT38] is shown as long as tasks are on their way out", () => {
    const world = running(commandTask("t1", served));
    world.master.order({ ...drain, maxGraceMs: 700 });
    world.pass(50);
    expect(getAgent(world.agent.view()).drain_config).toMatchObject({ mark_gone: false });
    world.pass(5_000);
    expect(getAgent(world.agent.view())).not.toHaveProperty("drain_config");
  });

  it("[AGT37] of an agent that is to leave says TASK_GONE_BY_OPERATOR to frameworks that know it", () => {
    const world = running(commandTask("t1"));
    const old = { ...framework, id: { value: "f2" }, capabilities: [] };
    world.master.launch(old, commandTask("t2"));
    world.pass(100).master.order({ type: "drainAgent", markGone: true });
    world.pass(100);
    expect(lastOf(world, "t1")).toMatchObject({
      state: "TASK_GONE_BY_OPERATOR",
      reason: "REASON_AGENT_DRAINING",
    });
    expect(lastOf(world, "t2")).toMatchObject({ state: "TASK_KILLED" });
  });

  it("[AGT37] of an idle agent changes nothing, and a launch after it runs", () => {
    const world = running();
    world.master.order(drain);
    world.pass(100);
    expect(world.durable().agent).not.toHaveProperty("drain");
    world.master.launch(framework, commandTask("t1"));
    expect(world.pass(100).master.statesOf("t1").at(-1)).toBe("TASK_RUNNING");
  });
});
