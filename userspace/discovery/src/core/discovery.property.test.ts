import fc from "fast-check";
import { expect, test } from "vitest";
import type { Fact } from "@tutti/discovery-v1";
import { factKey } from "@tutti/discovery-v1";
import { DiscoveryRig, restarted } from "./testing/discovery-rig.ts";
import { ModelMaster } from "./testing/model-master.ts";
import type { ModelTask } from "./testing/model-master.ts";

const agentIds = ["S0", "S1", "S2", "S3"];
const frameworks = new Map([
  ["F0", "marathon"],
  ["F1", "other.framework"],
]);
const labels: readonly Readonly<Record<string, string>>[] = [
  {},
  { VIP_0: "/web:80" },
  { VIP_0: "/web:80", VIP_1: "10.9.8.7:8080" },
  { VIP_0: "/we/b:80,/api:81" },
  { VIP_0: "nonsense" },
  { VIP_0: "[fd00::1]:80" },
];

type Action =
  | { readonly type: "launch"; readonly task: number; readonly agent: number }
  | {
      readonly type: "change";
      readonly task: number;
      readonly state: number;
      readonly healthy: number;
    }
  | { readonly type: "failOver" }
  | { readonly type: "register"; readonly agent: number }
  | { readonly type: "lose"; readonly agent: number }
  | { readonly type: "resubscribe" }
  | { readonly type: "restart" }
  | { readonly type: "advance"; readonly seconds: number };

const states = ["TASK_STARTING", "TASK_RUNNING", "TASK_RUNNING", "TASK_KILLING", "TASK_FAILED"];

const action: fc.Arbitrary<Action> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      type: fc.constant("launch" as const),
      task: fc.nat(11),
      agent: fc.nat(3),
    }),
  },
  {
    weight: 10,
    arbitrary: fc.record({
      type: fc.constant("change" as const),
      task: fc.nat(11),
      state: fc.nat(4),
      healthy: fc.nat(2),
    }),
  },
  fc.constant({ type: "failOver" as const }),
  { weight: 3, arbitrary: fc.record({ type: fc.constant("register" as const), agent: fc.nat(3) }) },
  fc.record({ type: fc.constant("lose" as const), agent: fc.nat(3) }),
  fc.constant({ type: "resubscribe" as const }),
  fc.constant({ type: "restart" as const }),
  {
    weight: 2,
    arbitrary: fc.record({ type: fc.constant("advance" as const), seconds: fc.nat(20) }),
  },
);

/** Facts by key, without VIPs that are only held. */
function settled(rig: DiscoveryRig): ReadonlyMap<string, Fact> {
  const facts = rig.facts.filter((fact) => fact.kind !== "vip" || fact.backends.length > 0);
  return new Map(facts.map((fact) => [factKey(fact), fact]));
}

function modelTask(number: number, agent: number): ModelTask {
  return {
    frameworkId: `F${number % 2}`,
    taskId: `t${number}`,
    name: `app${number % 3}`,
    agentId: `S${agent}`,
    hostPort: 31_000 + number,
    labels: labels[number % labels.length] ?? {},
    isChecked: number % 4 === 0,
    state: "TASK_STAGING",
    healthy: undefined,
  };
}

/** Which tasks serve in truth, whatever a master knows. */
function servingTasks(master: ModelMaster): readonly ModelTask[] {
  return [...master.tasks.values()].filter(
    (task) =>
      task.state === "TASK_RUNNING" &&
      (task.isChecked ? task.healthy === true : task.healthy !== false),
  );
}

test("[DSC2] however events come, the table is the one that the final state makes", () => {
  fc.assert(
    fc.property(fc.array(action, { maxLength: 60 }), (actions) => {
      const master = new ModelMaster(agentIds, frameworks);
      let rig = new DiscoveryRig();
      rig.master(master.snapshot());
      for (const one of actions) {
        switch (one.type) {
          case "launch":
            if (!master.isKnown(`S${one.agent}`) || master.tasks.has(`t${one.task}`)) break;
            rig.master(...master.launch(modelTask(one.task, one.agent)));
            break;
          case "change": {
            const healthy = [undefined, true, false][one.healthy];
            rig.master(...master.change(`t${one.task}`, states[one.state] ?? "", healthy));
            break;
          }
          case "failOver":
            rig.post({ type: "masterLost" });
            rig.master(...master.failOver());
            break;
          case "register":
            rig.master(...master.register(`S${one.agent}`));
            break;
          case "lose":
            rig.master(...master.loseAgent(`S${one.agent}`));
            break;
          case "resubscribe":
            rig.master(master.snapshot());
            break;
          case "restart":
            rig = restarted(rig);
            rig.master(master.snapshot());
            break;
          case "advance":
            rig.advance(one.seconds * 1000);
            break;
        }
      }
      for (const id of agentIds) rig.master(...master.register(id));
      rig.master(master.snapshot());
      rig.advance(2000);
      const fresh = new DiscoveryRig({
        names: [...rig.names].map(([name, address]) => ({ name, address })),
      });
      fresh.master(master.snapshot());
      expect(settled(rig)).toEqual(settled(fresh));
      expect(new Set(rig.names.values()).size).toBe(rig.names.size);
    }),
    { numRuns: 400 },
  );
});

test("[DSC20] through failovers alone, no task that serves is ever away", () => {
  const calm = action.filter(({ type }) => type !== "lose" && type !== "change");
  fc.assert(
    fc.property(fc.array(calm, { maxLength: 40 }), (actions) => {
      const master = new ModelMaster(agentIds, frameworks);
      let rig = new DiscoveryRig();
      rig.master(master.snapshot());
      const check = (): void => {
        const shown = new Set(
          rig.facts.flatMap((fact) => (fact.kind === "task" && fact.serving ? [fact.taskId] : [])),
        );
        for (const task of servingTasks(master)) expect(shown).toContain(task.taskId);
      };
      for (const one of actions) {
        switch (one.type) {
          case "launch":
            if (!master.isKnown(`S${one.agent}`) || master.tasks.has(`t${one.task}`)) break;
            rig.master(...master.launch(modelTask(one.task, one.agent)));
            rig.master(...master.change(`t${one.task}`, "TASK_RUNNING", true));
            break;
          case "failOver":
            rig.post({ type: "masterLost" });
            rig.master(...master.failOver());
            break;
          case "register":
            rig.master(...master.register(`S${one.agent}`));
            break;
          case "resubscribe":
            rig.master(master.snapshot());
            break;
          case "restart":
            rig = restarted(rig);
            break;
          case "advance":
            rig.advance(one.seconds * 1000);
            break;
          default:
            break;
        }
        check();
      }
    }),
    { numRuns: 200 },
  );
});
