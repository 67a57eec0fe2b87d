import { isTerminal } from "@tutti/mesos-v1";
import type { MasterView } from "@tutti/master/core";
import type { AgentId } from "@tutti/ids";
import { Quantities, Resources } from "@tutti/resources";
import { demand } from "../violation.ts";
import type { Judged } from "./checker.ts";

/** What was seen of one leadership at its step before. */
interface Seen {
  version: number;
  offers: ReadonlyMap<string, { readonly agentId: AgentId; readonly resources: Resources }>;
  tasks: ReadonlySet<string>;
  /** When each agent has registered; its hello brings tasks that nobody launched here. */
  agents: ReadonlyMap<AgentId, number | undefined>;
}

/**
 * After every step of a master: no new offer takes a role above its limits, and no launch takes more than
 * its offers had. What is consumed is counted from tasks, offers and reservations. Rule SIM16.
 */
export function watchQuota({ cluster }: Judged): void {
  const seen = new WeakMap<MasterView, Seen>();
  cluster.addObserver(
    (observation) => {
      if (observation.type !== "masterStepped") return;
      const { view } = observation;
      const before = seen.get(view);
      if (before?.version === view.version) return;
      if (view.quotas.size === 0) {
        seen.delete(view);
        return;
      }
      const after = lookAt(view);
      seen.set(view, after);
      if (before !== undefined) judge(view, before, after);
    },
    ["masterStepped"],
  );
}

function lookAt(view: MasterView): Seen {
  const tasks = new Set<string>();
  for (const { active } of view.tasks.values()) for (const key of active.keys()) tasks.add(key);
  const agents = new Map([...view.agents].map(([id, agent]) => [id, agent.reregisteredMs]));
  return { version: view.version, offers: new Map(view.offers), tasks, agents };
}

function judge(view: MasterView, before: Seen, after: Seen): void {
  for (const offer of view.offers.values()) {
    if (!before.offers.has(offer.id)) demandWithin(view, offer.role, offer.resources);
  }
  const launched = new Map<AgentId, Resources[]>();
  for (const { active } of view.tasks.values()) {
    for (const [key, task] of active) {
      if (before.tasks.has(key)) continue;
      const { agentId } = task;
      const isHello =
        !before.agents.has(agentId) || before.agents.get(agentId) !== after.agents.get(agentId);
      if (!isHello) launched.set(agentId, [...(launched.get(agentId) ?? []), task.resources]);
    }
  }
  for (const [agentId, parts] of launched) {
    const gone = [...before.offers].filter(
      ([id, offer]) => offer.agentId === agentId && !after.offers.has(id),
    );
    const given = Resources.sum(gone.map(([, { resources }]) => resources));
    const taken = Resources.sum(parts);
    demand(
      given.contains(taken),
      "SIM16",
      () => `a launch takes ${taken.toString()}, its offers had ${given.toString()}`,
    );
  }
}

function demandWithin(view: MasterView, role: string, offered: Resources): void {
  const given = counted(offered);
  for (const [bound, { limits }] of view.quotas) {
    if (!isWithin(role, bound)) continue;
    const held = heldBy(view, bound);
    for (const [name, limit] of limits) {
      demand(
        given.get(name) === 0 || held.get(name) <= limit,
        "SIM16",
        () =>
          `an offer of ${offered.toString()} lets ${bound} have ${held.toString()}, its limit is ${name}:${limit / 1_000}`,
      );
    }
  }
}

/** What a role and those below consume: reserved to them, used by them or offered to them. */
function heldBy(view: MasterView, bound: string): Quantities {
  const parts: Quantities[] = [];
  for (const { total } of view.agents.values()) {
    for (const [owner, part] of total.byReservation()) {
      if (isWithin(owner, bound)) parts.push(part.quantities());
    }
  }
  const add = (resources: Resources): void => {
    for (const [owner, part] of resources.byAllocation()) {
      if (isWithin(owner, bound)) parts.push(counted(part));
    }
  };
  for (const { active } of view.tasks.values()) {
    for (const { state, resources } of active.values()) if (!isTerminal(state)) add(resources);
  }
  for (const { resources } of view.offers.values()) add(resources);
  return Quantities.of(parts.flatMap((part) => part.entries()));
}

function counted(resources: Resources): Quantities {
  return resources.unreserved().nonRevocable().quantities();
}

function isWithin(role: string, bound: string): boolean {
  return role === bound || role.startsWith(`${bound}/`);
}
