import type { Backend } from "@tutti/discovery-v1";
import { isTerminal } from "@tutti/mesos-v1";
import { namesNodeOf } from "@tutti/simulator";
import type { Cluster, MachineNames } from "@tutti/simulator";
import type { Watched } from "../checkers/checker.ts";
import { demand } from "../violation.ts";

const secondMs = 1_000;
const lookEveryMs = secondMs;
/** So long a backend may outlive what its master knows, or its machine's kernel what discovery says. */
const boundMs = 15 * secondMs;
/** A kernel that refused is asked again after at most 30 s. */
const retryMsMax = 31 * secondMs;

/** Since when something is as it is to be no longer, without an excuse; by what it is. */
class Overdue {
  #sinceMs = new Map<string, number>();
  #next = new Map<string, number>();

  /** Throws when it is so for too long. */
  note(what: string, nowMs: number): void {
    const sinceMs = this.#sinceMs.get(what) ?? nowMs;
    this.#next.set(what, sinceMs);
    demand(
      nowMs - sinceMs < boundMs,
      "SIM65",
      () => `${what} for ${Math.round((nowMs - sinceMs) / secondMs)} s`,
    );
  }

  /** What was not noted in this look is over. */
  endLook(): void {
    this.#sinceMs = this.#next;
    this.#next = new Map();
  }
}

/**
 * SIM65: a backend whose task has ended goes while the run goes on: from discovery's table, once the master that discovery
 * hears knows of the end; from a machine's kernel, once it is not in discovery's table. Counted is time in which those two
 * are up and reach one another, nothing is held back as a loss, and the kernel takes what it is told.
 */
export function watchEnded(watched: Watched): void {
  const { cluster } = watched;
  const overdue = new Overdue();
  const refusedMs = new Map<string, number>();
  let isHeldBack = false;
  cluster.addObserver(
    (observation) => {
      if (observation.type === "lossHeld") isHeldBack = observation.held !== undefined;
      if (observation.type === "processStarted" && observation.node === "discovery")
        isHeldBack = false;
    },
    ["lossHeld", "processStarted"],
  );
  const look = (): void => {
    if (!isHeldBack) lookAtDiscovery(watched, overdue);
    lookAtMachines(cluster, overdue, refusedMs);
    overdue.endLook();
    cluster.world.after(lookEveryMs, look);
  };
  cluster.world.after(lookEveryMs, look);
}

function lookAtDiscovery({ cluster, truth }: Watched, overdue: Overdue): void {
  const { discovery } = cluster.names ?? {};
  const master = discovery?.hears;
  const facts = discovery?.publisher()?.facts;
  if (master === undefined || facts === undefined || !reach(cluster, "discovery", master)) return;
  const view = cluster.masters.get(master)?.view();
  if (view === undefined) return;
  const running = new Set([...truth.running.values()].map(({ taskId }) => taskId));
  for (const fact of facts.values()) {
    if (fact.kind !== "vip") continue;
    for (const backend of fact.backends) {
      if (running.has(backend.taskId) || !knowsEnd(view, backend)) continue;
      const name = cluster.nameOf(backend.taskId);
      overdue.note(`${name} has ended, ${master} knows, and it is a backend`, cluster.nowMs());
    }
  }
}

type View = NonNullable<ReturnType<Cluster["masterView"]>>;

/** Whether a master that hears the agent says that the task has ended, or does not have it any more. */
function knowsEnd(view: View, { taskId, agentId }: Backend): boolean {
  const agent = [...view.agents].find(([id]) => id === agentId)?.[1];
  if (agent?.isConnected !== true) return false;
  for (const { active } of view.tasks.values())
    for (const task of active.values()) if (task.taskId === taskId) return isTerminal(task.state);
  return true;
}

function lookAtMachines(cluster: Cluster, overdue: Overdue, refusedMs: Map<string, number>): void {
  const { machines, discovery } = cluster.names ?? {};
  const facts = discovery?.publisher()?.facts;
  const nowMs = cluster.nowMs();
  const places = new Set<string>();
  for (const fact of facts?.values() ?? [])
    if (fact.kind === "vip")
      for (const { address, port } of fact.backends)
        places.add(`${fact.address} . ${fact.protocol} . ${fact.port} ${address} . ${port}`);
  for (const [name, machine] of machines ?? []) {
    if (machine.kernel.refusal !== undefined) refusedMs.set(name, nowMs);
    const isAsked = nowMs - (refusedMs.get(name) ?? -Infinity) > retryMsMax;
    if (facts === undefined || !isAsked || !follows(cluster, name, machine)) continue;
    for (const key of machine.kernel.vips())
      for (const place of machine.kernel.backendsOf(key))
        if (!places.has(`${key} ${place}`))
          overdue.note(`${name} leads ${key} to ${place}, which discovery does not say`, nowMs);
  }
}

function follows(cluster: Cluster, name: string, machine: MachineNames): boolean {
  const isUp = cluster.world.node("discovery").state === "up";
  return isUp && machine.isFollowing && reach(cluster, "discovery", namesNodeOf(name));
}

/** Whether two nodes are up and nothing is between them. */
function reach({ world, network }: Cluster, one: string, other: string): boolean {
  const isUp = world.node(one).state === "up" && world.node(other).state === "up";
  return isUp && !network.link(one, other).isCut && !network.link(other, one).isCut;
}
