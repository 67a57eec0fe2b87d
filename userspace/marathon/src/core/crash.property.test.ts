import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { AppInput, UpgradeStrategy } from "@tutti/marathon-v2";
import { upgradeBounds } from "./decide.ts";
import { ClusterModel } from "./testing/cluster-model.ts";
import { tallyOf } from "./tally.ts";
import { sequenceRandom } from "./testing/sequence-random.ts";

const web: AppInput = { id: "/web", cmd: "serve", cpus: 0.5, mem: 64, instances: 3 };

function cluster(seed = 1): ClusterModel {
  const model = new ClusterModel(sequenceRandom(seed));
  for (let index = 1; index <= 3; index += 1) model.addAgent({ host: `host${index}`, cpus: 8 });
  model.connect();
  return model;
}

function update(model: ClusterModel, input: AppInput): void {
  model.request({
    type: "updateApp",
    id: "/web",
    input: { id: "/web", ...input },
    partial: true,
    create: true,
    force: true,
  });
}

/** Asserts that the app has come to rest as its newest definition says. */
function expectAtRest(model: ClusterModel): void {
  const { world } = model.marathon;
  const app = world.apps.get("/web");
  expect(world.deployments.size).toBe(0);
  const definition = app?.visible;
  expect(definition).toBeDefined();
  const tasks = model.alive("/web");
  expect(tasks.length).toBe(definition?.instances);
  for (const { info, state } of tasks) {
    expect(state).toBe("TASK_RUNNING");
    expect(info.command?.value).toBe(definition?.cmd);
  }
  expect([...(app?.instances.keys() ?? [])].length).toBe(definition?.instances);
}

/** Asserts that the incremental counts equal counts from scratch. */
function expectTalliesFromScratch(model: ClusterModel): void {
  for (const app of model.marathon.world.apps.values()) {
    expect({ ...app.tally }).toEqual({ ...tallyOf(app.instances.values(), app.configVersion) });
  }
}

describe("Marathon and kill -9", () => {
  it("[MAR29] faults alone never cost a running task", () => {
    const fault = fc.oneof(
      fc.record({ type: fc.constant("crash" as const), ms: fc.nat(20_000) }),
      fc.record({ type: fc.constant("disconnect" as const), ms: fc.nat(20_000) }),
    );
    fc.assert(
      fc.property(fc.array(fault, { maxLength: 12 }), fc.nat(1000), (faults, seed) => {
        const model = cluster(seed);
        update(model, web);
        model.run(2000);
        const before = model.alive("/web").map(({ info }) => info.task_id.value);
        for (const { type, ms } of faults) {
          if (type === "crash") model.crash();
          else model.disconnect();
          model.run(ms);
        }
        model.run(3_600_000);
        expect(model.alive("/web").map(({ info }) => info.task_id.value)).toEqual(before);
        expect(model.calls.filter(({ type }) => type === "KILL")).toEqual([]);
      }),
      { numRuns: 100 },
    );
  });

  it("[MAR36] agents come and go, Marathon is killed: when all are back nothing is left over", () => {
    const action = fc.oneof(
      fc.record({ type: fc.constant("toggle" as const), agent: fc.nat(2) }),
      fc.record({ type: fc.constant("run" as const), ms: fc.nat(3000) }),
      fc.record({ type: fc.constant("crash" as const) }),
      fc.record({ type: fc.constant("crashSoon" as const), persists: fc.nat(6) }),
      fc.record({ type: fc.constant("scale" as const), instances: fc.nat(5) }),
      fc.record({ type: fc.constant("change" as const), number: fc.nat(3) }),
    );
    fc.assert(
      fc.property(fc.array(action, { maxLength: 25 }), fc.nat(1000), (actions, seed) => {
        const model = cluster(seed);
        update(model, web);
        for (const step of actions) {
          if (step.type === "run") model.run(step.ms);
          else if (step.type === "crash") model.crash();
          else if (step.type === "crashSoon") model.crashAfterPersists = step.persists;
          else if (step.type === "scale") update(model, { instances: step.instances });
          else if (step.type === "change") update(model, { cmd: `serve v${step.number}` });
          else {
            const agent = model.agents[step.agent];
            if (agent?.reachable === true) model.partition(agent);
            else if (agent !== undefined) model.heal(agent);
          }
          expectTalliesFromScratch(model);
        }
        model.crashAfterPersists = undefined;
        for (const agent of model.agents) if (!agent.reachable) model.heal(agent);
        model.run(1_400_000);
        if (model.marathon.world.apps.get("/web") === undefined) update(model, web);
        model.run(1_400_000);
        expectAtRest(model);
      }),
      { numRuns: 300 },
    );
  });

  it("[MAR27] a rolling upgrade ends the same, wherever Marathon is killed", () => {
    const upgrade = (crashAfter: number | undefined): ClusterModel => {
      const model = cluster();
      update(model, web);
      model.run(2000);
      model.crashAfterPersists = crashAfter;
      update(model, { cmd: "serve v2", instances: 4 });
      model.run(400);
      if (model.crashCount > 0) update(model, { cmd: "serve v2", instances: 4 });
      model.run(400_000);
      return model;
    };
    let crashes = 0;
    for (let point = 0; point < 40; point += 1) {
      const model = upgrade(point);
      crashes += model.crashCount;
      expectAtRest(model);
      expect(model.aliveMax.get("/web") ?? 0).toBeLessThanOrEqual(8);
    }
    expect(crashes).toBeGreaterThan(10);
  });

  it("[MAR27] whatever users do and wherever Marathon is killed, it comes to rest within its bounds", () => {
    const capacity = fc.constantFrom(0, 0.25, 0.5, 1);
    const strategy: fc.Arbitrary<UpgradeStrategy> = fc.record({
      minimumHealthCapacity: capacity,
      maximumOverCapacity: capacity,
    });
    const action = fc.oneof(
      fc.record({ type: fc.constant("scale" as const), instances: fc.nat(6) }),
      fc.record({ type: fc.constant("change" as const), number: fc.nat(3), strategy }),
      fc.record({ type: fc.constant("run" as const), ms: fc.nat(2000) }),
      fc.record({ type: fc.constant("crashSoon" as const), persists: fc.nat(6) }),
      fc.record({ type: fc.constant("crash" as const) }),
      fc.record({ type: fc.constant("disconnect" as const) }),
      fc.record({ type: fc.constant("fail" as const) }),
    );
    fc.assert(
      fc.property(fc.array(action, { maxLength: 25 }), fc.nat(1000), (actions, seed) => {
        const model = cluster(seed);
        update(model, web);
        let bound = 3;
        const noteBound = (): void => {
          const app = model.marathon.world.apps.get("/web")?.visible;
          if (app === undefined) return;
          const { occupiedMax } = upgradeBounds(app.instances, app.upgradeStrategy);
          bound = Math.max(bound, app.instances, occupiedMax);
        };
        for (const step of actions) {
          switch (step.type) {
            case "scale":
              update(model, { instances: step.instances });
              break;
            case "change":
              update(model, {
                cmd: `serve v${step.number}`,
                upgradeStrategy: step.strategy,
              });
              break;
            case "run":
              model.run(step.ms);
              break;
            case "crashSoon":
              model.crashAfterPersists = step.persists;
              break;
            case "crash":
              model.crash();
              break;
            case "disconnect":
              model.disconnect();
              break;
            case "fail": {
              const [task] = model.alive("/web");
              if (task?.state === "TASK_RUNNING") model.end(task, "TASK_FAILED", "exited");
              break;
            }
          }
          noteBound();
          expectTalliesFromScratch(model);
        }
        model.crashAfterPersists = undefined;
        model.run(400_000);
        if (model.marathon.world.apps.get("/web") === undefined) update(model, web);
        model.run(400_000);
        expectAtRest(model);
        expect(model.aliveMax.get("/web") ?? 0).toBeLessThanOrEqual(bound);
      }),
      { numRuns: 300 },
    );
  });
});
