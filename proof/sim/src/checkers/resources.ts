import type { AgentId } from "@tutti/ids";
import { isTerminal } from "@tutti/mesos-v1";
import type { MasterView } from "@tutti/master/core";
import { Resources } from "@tutti/resources";
import { demand } from "../violation.ts";
import type { Judged } from "./checker.ts";

/** After every step of a master: no agent has offered and used more than it has. Rule SIM4. */
export function watchResources({ cluster }: Judged): void {
  /** The agents of the step before, in their order: an agent that is the same object was judged. */
  const judged: object[] = [];
  const versions = new WeakMap<MasterView, number>();
  cluster.addObserver(
    (observation) => {
      if (observation.type !== "masterStepped") return;
      const { view } = observation;
      if (versions.get(view) === view.version) return;
      versions.set(view, view.version);
      let at = 0;
      for (const agent of view.agents.values()) {
        if (judged[at] !== agent) {
          judged[at] = agent;
          demandRoom(agent.record.info.hostname, agent);
        }
        at += 1;
      }
    },
    ["masterStepped"],
  );
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
  const used = new Map<AgentId, Resources[]>();
  const offered = new Map<AgentId, Resources[]>();
  for (const { active } of view.tasks.values()) {
    for (const { agentId, state, resources } of active.values()) {
      if (!isTerminal(state)) put(used, agentId, resources);
    }
  }
  for (const { agentId, resources } of view.offers.values()) put(offered, agentId, resources);
  for (const agent of view.agents.values()) {
    const pairs = [
      ["used", agent.used, used.get(agent.id)],
      ["offered", agent.offered, offered.get(agent.id)],
    ] as const;
    for (const [what, booked, parts] of pairs) {
      const counted = Resources.sum(parts ?? []);
      demand(
        booked.equals(counted),
        "SIM5",
        () =>
          `${agent.id}: ${what} ${booked.toString()}, but from scratch it is ${counted.toString()}`,
      );
    }
  }
}

function put(parts: Map<AgentId, Resources[]>, agentId: AgentId, resources: Resources): void {
  const known = parts.get(agentId);
  if (known === undefined) parts.set(agentId, [resources]);
  else known.push(resources);
}
