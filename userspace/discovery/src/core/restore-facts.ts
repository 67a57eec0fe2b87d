import { backendKey } from "@tutti/discovery-v1";
import type { Fact, TaskFact, VipFact } from "@tutti/discovery-v1";
import type { VipClaim } from "@tutti/dns";
import { taskKeyOf } from "./task-keys.ts";
import type { TaskKey } from "./task-keys.ts";
import type { ClusterTask } from "./types.ts";
import type { World } from "./world.ts";

/**
 * Takes over the table that was published last: everything in it stays until a master that can know says
 * otherwise. A task's definition is not in the table, so its claims are read off the backends it was.
 */
export function restoreFacts(world: World, facts: readonly Fact[], nowMonoMs: number): void {
  const claims = claimsOfTasks(facts);
  restoreMasters(world, facts);
  for (const fact of facts) if (fact.kind === "vip") restoreVip(world, fact, nowMonoMs);
  for (const fact of facts)
    if (fact.kind === "agent") {
      const { kind: _kind, ...agent } = fact;
      world.putAgent(agent, "recovered");
      world.missAgent(agent.id, nowMonoMs);
    } else if (fact.kind === "framework") {
      const { id, name, active, address, port } = fact;
      world.putFramework({ id, name, active, address, port });
      world.missFramework(id, nowMonoMs);
    }
  for (const fact of facts) if (fact.kind === "task") restoreTask(world, fact, claims);
  world.absences.clear();
}

function restoreMasters(world: World, facts: readonly Fact[]): void {
  const masters = facts
    .filter((fact) => fact.kind === "master")
    .toSorted((left, right) => left.index - right.index);
  const leader = masters.findIndex((master) => master.leader);
  const known = masters.map(({ address, port }) => ({ address, port }));
  world.putMasters(known, leader < 0 ? undefined : leader);
}

/** The address of a name is in its record; a table that knows it and no record does not happen, but is believed. */
function restoreVip(world: World, vip: VipFact, nowMonoMs: number): void {
  const [name] = vip.names;
  if (
    name !== undefined &&
    vip.address.startsWith("11.") &&
    world.pool.addressOf(name) === undefined
  ) {
    world.pool.restore(name, vip.address);
    if (world.pool.addressOf(name) === vip.address)
      world.entries.push({ type: "putName", name, address: vip.address });
  }
  world.vips.restore(vip, nowMonoMs);
}

function restoreTask(
  world: World,
  fact: TaskFact,
  claims: ReadonlyMap<TaskKey, readonly (VipClaim & { readonly place: string })[]>,
): void {
  const { frameworkId, taskId, name, agentId, portsMapped, ports, discovery } = fact;
  const mine = claims.get(taskKeyOf(fact)) ?? [];
  const task: ClusterTask = {
    frameworkId,
    taskId,
    name,
    agentId,
    state: "TASK_RUNNING",
    // As it was: a master that does not know its health yet takes no backend away. Who did not serve was sick or being
    // killed, the table does not say which: it counts as checked until its definition comes (see `withWhatWasKnown`).
    healthy: fact.serving,
    isChecked: !fact.serving,
    addresses: addressesOf(world, fact, mine),
    portsMapped,
    ports,
    discovery,
    claims: mine.map(({ place, ...claim }) =>
      fact.containerAddresses.some((address) => place.startsWith(`${address} `))
        ? { ...claim, agentPort: undefined, scope: "container" }
        : claim,
    ),
    faults: [],
  };
  const key = taskKeyOf(fact);
  world.restoreTask(key, task);
}

/** A task's own, or its machine's where one of its backends shows that IPv6 address. */
function addressesOf(
  world: World,
  { containerAddresses, agentId }: TaskFact,
  claims: readonly { readonly place: string }[],
): readonly string[] {
  const ofMachine = world.cluster.agents.get(agentId)?.agent.address;
  if (containerAddresses.length > 0 || ofMachine === undefined) return containerAddresses;
  const backends = claims.map(({ place }) => place.slice(0, place.indexOf(" ")));
  const v6 = backends.find((address) => address !== ofMachine && address.includes(":"));
  return v6 === undefined ? containerAddresses : [ofMachine, v6];
}

/** What the backends of each task say about its labels. */
function claimsOfTasks(
  facts: readonly Fact[],
): ReadonlyMap<TaskKey, readonly (VipClaim & { readonly place: string })[]> {
  const claims = new Map<TaskKey, (VipClaim & { readonly place: string })[]>();
  for (const fact of facts) {
    if (fact.kind !== "vip") continue;
    const [full] = fact.names;
    for (const backend of fact.backends) {
      const key = taskKeyOf(backend);
      const mine = claims.get(key) ?? [];
      claims.set(key, mine);
      const { port, protocol, address } = fact;
      // A named VIP has an address of each family, and one claim.
      const isKnown = mine.some(
        ({ target, ...other }) =>
          target.type === "name" &&
          target.full === full &&
          other.port === port &&
          other.protocol === protocol,
      );
      if (full !== undefined && isKnown) continue;
      mine.push({
        target:
          full === undefined ? { type: "address", address } : { type: "name", name: full, full },
        port,
        protocol,
        agentPort: backend.port,
        containerPort: backend.port,
        scope: "agent",
        place: backendKey(backend),
      });
    }
  }
  return claims;
}
