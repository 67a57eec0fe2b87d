import { isTerminal } from "@tutti/mesos-v1";
import type { MasterView } from "@tutti/master/core";
import type { AgentId, OfferId } from "@tutti/ids";
import { Quantities, Resources } from "@tutti/resources";
import { demand } from "../violation.ts";
import type { Judged } from "./checker.ts";

/** What was seen of one leadership at its step before; kept up to date in place, for few steps change much. */
interface Seen {
  version: number;
  readonly offers: Map<OfferId, Offered>;
  readonly tasks: Set<string>;
  /** The tasks in their order: one that is the same object in the same place is not looked up. */
  readonly order: NewTask[];
  /** When each agent has registered; its hello brings tasks that nobody launched here. */
  readonly agents: Map<AgentId, number | undefined>;
}

interface Offered {
  readonly agentId: AgentId;
  readonly resources: Resources;
}

/** A task that was not there at the step before. */
interface NewTask {
  readonly agentId: AgentId;
  readonly resources: Resources;
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
        if (before !== undefined) seen.delete(view);
      } else if (before === undefined) seen.set(view, lookAt(view));
      else judge(view, before);
    },
    ["masterStepped"],
  );
}

function lookAt(view: MasterView): Seen {
  const { version } = view;
  const seen: Seen = {
    version,
    offers: new Map(),
    tasks: new Set(),
    order: [],
    agents: new Map(),
  };
  takeTasks(view, seen);
  takeOffers(view, seen);
  takeAgents(view, seen);
  return seen;
}

/** Judges what is new, and brings what was seen up to date. */
function judge(view: MasterView, seen: Seen): void {
  seen.version = view.version;
  const launched = new Map<AgentId, Resources[]>();
  for (const { agentId, resources } of takeTasks(view, seen)) {
    const isHello =
      !seen.agents.has(agentId) ||
      seen.agents.get(agentId) !== view.agents.get(agentId)?.reregisteredMs;
    if (!isHello) launched.set(agentId, [...(launched.get(agentId) ?? []), resources]);
  }
  /** What each bound role consumes after this step, once it was reckoned. */
  const held = new Map<string, Quantities>();
  const gone = takeOffers(view, seen, ({ role, resources }) =>
    demandWithin(view, held, role, resources),
  );
  takeAgents(view, seen);
  for (const [agentId, parts] of launched) {
    const offered = gone.filter((offer) => offer.agentId === agentId);
    const given = Resources.sum(offered.map(({ resources }) => resources));
    const taken = Resources.sum(parts);
    demand(
      given.contains(taken),
      "SIM16",
      () => `a launch takes ${taken.toString()}, its offers had ${given.toString()}`,
    );
  }
}

/** The tasks that are new. */
function takeTasks(view: MasterView, { tasks, order }: Seen): readonly NewTask[] {
  const added: NewTask[] = [];
  let count = 0;
  for (const { active } of view.tasks.values()) {
    for (const task of active.values()) {
      const isSame = order[count] === task;
      order[count] = task;
      count += 1;
      if (isSame || tasks.has(task.taskId)) continue;
      tasks.add(task.taskId);
      added.push(task);
    }
  }
  order.length = count;
  if (count === tasks.size) return added;
  tasks.clear();
  for (const { active } of view.tasks.values()) for (const key of active.keys()) tasks.add(key);
  return added;
}

/** Tells of each offer that is new, and returns those that are gone. */
function takeOffers(
  view: MasterView,
  { offers }: Seen,
  isNew?: (offer: Offered & { readonly role: string }) => void,
): readonly Offered[] {
  for (const offer of view.offers.values()) {
    if (offers.has(offer.id)) continue;
    offers.set(offer.id, offer);
    isNew?.(offer);
  }
  if (offers.size === view.offers.size) return [];
  const gone: Offered[] = [];
  for (const [id, offer] of offers) {
    if (view.offers.has(id)) continue;
    offers.delete(id);
    gone.push(offer);
  }
  return gone;
}

function takeAgents(view: MasterView, { agents }: Seen): void {
  for (const [id, { reregisteredMs }] of view.agents) agents.set(id, reregisteredMs);
  if (agents.size === view.agents.size) return;
  for (const id of agents.keys()) if (!view.agents.has(id)) agents.delete(id);
}

function demandWithin(
  view: MasterView,
  heldByBound: Map<string, Quantities>,
  role: string,
  offered: Resources,
): void {
  const given = counted(offered);
  for (const [bound, { limits }] of view.quotas) {
    if (!isWithin(role, bound)) continue;
    const held = heldByBound.get(bound) ?? heldBy(view, bound);
    heldByBound.set(bound, held);
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
  const add = (shares: readonly Share[]): void => {
    for (const { owner, amount } of shares) if (isWithin(owner, bound)) parts.push(amount);
  };
  for (const { total } of view.agents.values()) add(reservedOf(total));
  for (const { active } of view.tasks.values()) {
    for (const { state, resources } of active.values()) {
      if (!isTerminal(state)) add(allocatedOf(resources));
    }
  }
  for (const { resources } of view.offers.values()) add(allocatedOf(resources));
  return Quantities.of(parts.flatMap((part) => part.entries()));
}

/** How much of some resources is of one role. */
interface Share {
  readonly owner: string;
  readonly amount: Quantities;
}

/** Resources never change: what each says is read once. */
const reserved = new WeakMap<Resources, readonly Share[]>();
const allocated = new WeakMap<Resources, readonly Share[]>();

function reservedOf(total: Resources): readonly Share[] {
  const known = reserved.get(total);
  if (known !== undefined) return known;
  const shares = [...total.byReservation()].map(([owner, part]): Share => ({
    owner,
    amount: part.quantities(),
  }));
  reserved.set(total, shares);
  return shares;
}

function allocatedOf(resources: Resources): readonly Share[] {
  const known = allocated.get(resources);
  if (known !== undefined) return known;
  const shares = [...resources.byAllocation()].map(([owner, part]): Share => ({
    owner,
    amount: counted(part),
  }));
  allocated.set(resources, shares);
  return shares;
}

function counted(resources: Resources): Quantities {
  return resources.unreserved().nonRevocable().quantities();
}

function isWithin(role: string, bound: string): boolean {
  return role === bound || role.startsWith(`${bound}/`);
}
