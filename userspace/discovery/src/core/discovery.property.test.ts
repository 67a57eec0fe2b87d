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
  /** It runs and is healthy. */
  | { readonly type: "serve"; readonly task: number }
  /** From now on its agent tells of it without statuses. */
  | { readonly type: "silence"; readonly task: number }
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
  { weight: 6, arbitrary: fc.record({ type: fc.constant("serve" as const), task: fc.nat(11) }) },
  fc.record({ type: fc.constant("silence" as const), task: fc.nat(11) }),
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

/** A master and the discovery that listens to it. */
interface Stage {
  readonly master: ModelMaster;
  rig: DiscoveryRig;
}

function newStage(): Stage {
  const stage = { master: new ModelMaster(agentIds, frameworks), rig: new DiscoveryRig() };
  stage.rig.master(stage.master.snapshot());
  return stage;
}

function carryOut(stage: Stage, one: Action): void {
  const { master, rig } = stage;
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
    case "serve":
      if (master.isKnown(master.tasks.get(`t${one.task}`)?.agentId ?? ""))
        rig.master(...master.change(`t${one.task}`, "TASK_RUNNING", true));
      break;
    case "silence": {
      const task = master.tasks.get(`t${one.task}`);
      if (task !== undefined) task.isSilent = true;
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
      stage.rig = restarted(rig);
      stage.rig.master(master.snapshot());
      break;
    case "advance":
      rig.advance(one.seconds * 1000);
      break;
  }
}

/** What once went wrong: that a task being killed does not serve was kept, and taken for bad health. */
const killedAndBack: readonly Action[] = [
  { type: "launch", task: 9, agent: 0 },
  { type: "change", task: 9, state: 3, healthy: 0 },
];

test("[DSC2] however events come, the table is the one that the final state makes", () => {
  const told = action.filter(({ type }) => type !== "silence");
  fc.assert(
    fc.property(fc.array(told, { maxLength: 60, size: "max" }), (actions) => {
      const stage = newStage();
      const { master } = stage;
      for (const one of actions) carryOut(stage, one);
      const { rig } = stage;
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
    {
      numRuns: 200,
      examples: [
        [
          [
            ...killedAndBack,
            { type: "restart" },
            { type: "change", task: 9, state: 1, healthy: 0 },
          ],
        ],
        [
          [
            ...killedAndBack,
            ...[{ type: "failOver" as const }, { type: "restart" as const }],
            ...[{ type: "change" as const, task: 9, state: 1, healthy: 0 }],
          ],
        ],
      ],
    },
  );
});

test("[DSC20] [DSC24] through failovers, restarts and for want of statuses no task that serves is ever away", () => {
  // Few tasks, and all of them checked: they serve only while they are known to be healthy.
  const calm = action
    .filter(({ type }) => type !== "lose" && type !== "change")
    .map((one) => ("task" in one ? { ...one, task: (one.task % 3) * 4 } : one));
  fc.assert(
    fc.property(fc.array(calm, { maxLength: 40, size: "max" }), (actions) => {
      const stage = newStage();
      for (const one of actions) {
        carryOut(stage, one);
        const shown = new Set(
          stage.rig.facts.flatMap((fact) =>
            fact.kind === "task" && fact.serving ? [fact.taskId] : [],
          ),
        );
        for (const task of servingTasks(stage.master)) expect(shown).toContain(task.taskId);
      }
    }),
    { numRuns: 150 },
  );
});
