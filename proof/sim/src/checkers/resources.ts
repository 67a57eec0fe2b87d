import { isTerminal } from "@tutti/mesos-v1";
import type { MasterView } from "@tutti/master/core";
import { Resources } from "@tutti/resources";
import { demand } from "../violation.ts";
import type { Judged } from "./checker.ts";

/** After every step of a master: no agent has offered and used more than it has. Rule SIM4. */
export function watchResources({ cluster }: Judged): void {
  const judged = new WeakSet<object>();
  const versions = new WeakMap<MasterView, number>();
  cluster.addObserver((observation) => {
    if (observation.type !== "masterStepped") return;
    const { view } = observation;
    if (versions.get(view) === view.version) return;
    versions.set(view, view.version);
    for (const agent of view.agents.values()) {
      if (judged.has(agent)) continue;
      judged.add(agent);
      demandRoom(agent.record.info.hostname, agent);
    }
  });
}

/** Throws when more of an agent is offered and used than it has. */
export function demandRoom(
  hostname: string,
  { total, used, offered }: Record<"total" | "used" | "offered", Resources>,
): void {
  const taken = used.unallocate().add(offered.unallocate());
  demand(
    total.contains(taken),
    "SIM4",
    () =>
      `the master has given away ${taken.toString()} of ${hostname}, which has ${total.toString()}`,
  );
}

/** The master's books from scratch: what it charges is what its tasks and offers say. Rule SIM5. */
export function auditBooks(view: MasterView): void {
  for (const agent of view.agents.values()) {
    const used: Resources[] = [];
    for (const tasks of view.tasks.values()) {
      for (const task of tasks.active.values()) {
        if (task.agentId === agent.id && !isTerminal(task.state)) used.push(task.resources);
      }
    }
    const offered = [...view.offers.values()]
      .filter(({ agentId }) => agentId === agent.id)
      .map(({ resources }) => resources);
    const pairs = [
      ["used", agent.used, Resources.sum(used)],
      ["offered", agent.offered, Resources.sum(offered)],
    ] as const;
    for (const [what, booked, counted] of pairs) {
      demand(
        booked.equals(counted),
        "SIM5",
        () =>
          `${agent.id}: ${what} ${booked.toString()}, but from scratch it is ${counted.toString()}`,
      );
    }
  }
}
