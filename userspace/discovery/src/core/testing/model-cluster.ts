import { DiscoveryRig } from "./discovery-rig.ts";
import { ModelMaster } from "./model-master.ts";
import type { ModelTask } from "./model-master.ts";

/** The frameworks of the model cluster. */
export const frameworks = new Map([["F0", "marathon"]]);

/** A task behind one VIP that runs. */
export function task(number: number, overrides: Partial<ModelTask> = {}): ModelTask {
  return {
    frameworkId: "F0",
    taskId: `t${number}`,
    name: "web",
    agentId: `S${number % 3}`,
    hostPort: 31_000 + number,
    labels: { VIP_0: "/web:80" },
    isChecked: false,
    state: "TASK_RUNNING",
    healthy: undefined,
    ...overrides,
  };
}

/** A cluster of `agents` with `count` running tasks behind one VIP, all of it known. */
export function cluster(count: number, agents = 3): { rig: DiscoveryRig; master: ModelMaster } {
  const ids = Array.from({ length: agents }, (_, index) => `S${index}`);
  const master = new ModelMaster(ids, frameworks);
  for (let number = 0; number < count; number += 1)
    master.launch(task(number, { agentId: `S${number % agents}` }));
  const rig = new DiscoveryRig();
  rig.master(master.snapshot());
  return { rig, master };
}

/** How many facts of a kind a follower holds. */
export function count(rig: DiscoveryRig, kind: string): number {
  return rig.facts.filter((fact) => fact.kind === kind).length;
}
