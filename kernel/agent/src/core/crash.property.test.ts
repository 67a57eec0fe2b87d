import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { TaskInfo } from "@tutti/mesos-v1";
import type { MasterMessage } from "@tutti/node-v1";
import { Resources } from "@tutti/resources";
import { commandTask, framework, served } from "./testing/tasks.ts";
import { SimulatedWorld } from "./testing/simulated-world.ts";

/** Three tasks: one ends by itself, one is killed, one goes on; with a lost session in between. */
function play(world: SimulatedWorld, killed: Partial<TaskInfo> = {}): void {
  world.start().pass(100);
  for (const taskId of ["ends", "killed", "stays"]) {
    world.master.launch(framework, commandTask(taskId, taskId === "killed" ? killed : {}));
    world.pass(7);
  }
  world.pass(200).disconnect().pass(2_000);
  const containerOf = (taskId: string): string =>
    world.durable().tasks.find((task) => task.taskId === taskId)?.id ?? "";
  const kill: MasterMessage = { type: "killTask", frameworkId: "f1", taskId: "killed" };
  world.exit(containerOf("ends"), { exitCode: 0 });
  world.master.order(kill);
  world.pass(30_000);
}

function check(world: SimulatedWorld): void {
  expect(new Set(world.machine.starts).size).toBe(world.machine.starts.length);
  expect(world.machine.starts).toHaveLength(3);
  expect(world.machine.running()).toHaveLength(1);
  expect(world.master.statesOf("ends")).toEqual(["TASK_STARTING", "TASK_RUNNING", "TASK_FINISHED"]);
  expect(world.master.statesOf("killed")).toEqual([
    "TASK_STARTING",
    "TASK_RUNNING",
    "TASK_KILLING",
    "TASK_KILLED",
  ]);
  expect(world.master.statesOf("stays")).toEqual(["TASK_STARTING", "TASK_RUNNING"]);
  const stays = world.durable().tasks.find(({ taskId }) => taskId === "stays");
  expect(world.machine.running()).toEqual([stays?.id]);
  expect(world.machine.signals.every((signal) => !signal.startsWith(stays?.id ?? ""))).toBe(true);
  expect(world.agent.view().tasks.map(({ stage }) => stage)).toEqual([
    "completed",
    "completed",
    "running",
  ]);
  expect(world.durable().runs.every(({ pending }) => pending.length === 0)).toBe(true);
  expect(world.agent.view().used.toString()).toBe(usedFromScratch(world).toString());
}

/** What the tasks that run take, added up anew. */
function usedFromScratch(world: SimulatedWorld): Resources {
  const running = world.agent.view().tasks.filter(({ stage }) => stage === "running");
  return Resources.sum(
    running.map(({ record }) => Resources.of(record.info?.resources ?? []).unallocate()),
  );
}

describe("a crash at any point", () => {
  it("[AGT13] neither loses nor doubles an update, nor touches a task", () => {
    for (const killed of [{}, served]) {
      const whole = new SimulatedWorld();
      play(whole, killed);
      check(whole);
      expect(whole.deeds).toBeGreaterThan(50);
      for (let deed = 1; deed <= whole.deeds; deed += 1) {
        const world = new SimulatedWorld();
        world.dieAfterDeeds = deed;
        play(world, killed);
        check(world);
      }
    }
  });

  it("[AGT13] the same with crashes in a row and chance in the pauses", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1_000 }),
        fc.array(fc.integer({ min: 1, max: 25 }), { minLength: 1, maxLength: 12 }),
        fc.constantFrom({}, served),
        (seed, crashes, killed) => {
          const world = new SimulatedWorld(seed);
          world.planCrashes(crashes);
          play(world, killed);
          check(world);
        },
      ),
      { numRuns: 150 },
    );
  });
});
