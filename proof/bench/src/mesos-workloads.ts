import { known, parseRoleName } from "@tutti/ids";
import type { Labels, Resource } from "@tutti/mesos-v1";
import { Quantities, Resources, thousandths } from "@tutti/resources";
import { AllocatorWorld, fragmentedPorts, ports, scalars } from "./allocator-world.ts";
import { timed, type Taken } from "./medians.ts";

// The workloads of Mesos's allocator benchmarks (`hierarchical_allocator_tests.cpp`): the same agents,
// frameworks, resources in use, refusals and order of events.

/** How large a workload is. */
export interface WorkloadSize {
  readonly agents: number;
  readonly frameworks: number;
}

/** How often everything is offered and refused; in the original twice for each framework. */
export interface RoundsSize extends WorkloadSize {
  readonly rounds: number;
}

/** What the rounds of a workload took. */
export interface RoundsTaken {
  readonly first: Taken;
  readonly last: Taken;
  /** The slowest round. */
  readonly slowest: Taken;
  /** Offers of the last round: 0 when everybody has refused everything. */
  readonly offersLast: number;
}

const agentTotal = Resources.of([
  ...scalars({ cpus: 24, mem: 4096, disk: 4096 }),
  ports([31_000, 32_000]),
]);
/** `INT_MAX` seconds. */
const foreverMs = 2_147_483_647_000;

/** Everybody refuses for ever whatever is offered, until nothing is offered any more. */
export function declineOffers(size: RoundsSize): RoundsTaken {
  const world = new AllocatorWorld();
  world.addFrameworks(size.frameworks, { roleOf: () => "*" });
  const used = Resources.of([
    ...scalars({ cpus: 16, mem: 2014, disk: 1024 }),
    fragmentedPorts(),
  ]).allocate("*");
  world.addAgents(size.agents, agentTotal, () => used);
  return declineRounds(world, size.rounds);
}

/** The same in one role, where a part of each agent's resources is reserved with labels that no other agent's have. */
export function resourceLabels(size: RoundsSize): RoundsTaken {
  const world = new AllocatorWorld();
  world.addFrameworks(size.frameworks, { roleOf: () => "role1" });
  const shared = [...scalars({ mem: 2014, disk: 1024 }), fragmentedPorts()];
  world.addAgents(size.agents, agentTotal, (number) => {
    const value = `value_${String(number)}`;
    // The original puts both unique labels on the first reservation, by a slip of the pen: so do we.
    const labels = [
      ...elevenLabels,
      { key: "unique_key_1", value },
      { key: "unique_key_2", value },
    ];
    return Resources.of([
      ...shared,
      reserved(8, { labels }),
      reserved(8, { labels: elevenLabels }),
    ]).allocate("role1");
  });
  return declineRounds(world, size.rounds);
}

/** Five allocations, before each of which another fifth of the frameworks suppresses its offers. */
export function suppressOffers({ agents, frameworks }: WorkloadSize): RoundsTaken {
  const world = new AllocatorWorld();
  world.addFrameworks(frameworks, { roleOf: () => "*" });
  const used = Resources.of([
    ...scalars({ cpus: 16, mem: 1024, disk: 1024 }),
    fragmentedPorts(),
  ]).allocate("*");
  world.addAgents(agents, agentTotal, () => used);
  const rounds = 5;
  const taken: Taken[] = [];
  let suppressed = 0;
  for (let round = 0; round < rounds; round += 1) {
    world.declineAll();
    for (const id of world.frameworkIds.slice(suppressed, suppressed + frameworks / rounds)) {
      world.allocator.suppressOffers(id, []);
      suppressed += 1;
    }
    taken.push(world.allocate());
  }
  return summary(taken, world.offers.length);
}

/** How long it takes to add agents with resources in use, and to give each 10 revocable cpus. */
export function addAndUpdateAgent({ agents, frameworks }: WorkloadSize): {
  readonly add: Taken;
  readonly update: Taken;
} {
  const world = new AllocatorWorld();
  world.addFrameworks(frameworks, { roleOf: () => "*", capabilities: ["REVOCABLE_RESOURCES"] });
  const total = Resources.of([
    ...scalars({ cpus: 2, mem: 1024, disk: 4096 }),
    ports([31_000, 32_000]),
  ]);
  const used = Resources.of([
    ...scalars({ cpus: 1, mem: 128, disk: 1024 }),
    ports([31_126, 31_510], [31_512, 31_623], [31_810, 31_852], [31_854, 31_964]),
  ]).allocate("*");
  const add = timed(() => {
    world.addAgents(agents, total, () => used);
  });
  const oversubscribed = Resources.of([
    { name: "cpus", type: "SCALAR", scalar: { value: 10 }, revocable: {} },
  ]);
  const update = timed(() => {
    for (const id of world.agentIds) {
      world.allocator.updateAgent({ id, total: total.add(oversubscribed) });
      world.allocateWhenDue();
    }
    world.allocate();
  });
  return { add, update };
}

/** How many roles the quota workload has, with one framework in each. */
export interface QuotaSize {
  /** Roles that are guaranteed half an agent, and may have no more. */
  readonly smallRoles: number;
  /** Roles that are guaranteed two agents, and may have no more. */
  readonly largeRoles: number;
}

/**
 * `LargeAndSmallQuota` of `hierarchical_allocator_benchmarks.cpp`: one round that offers the whole cluster to
 * roles with quota, by cutting agents, and one in which there is nothing left to offer.
 */
export function largeAndSmallQuota({ smallRoles, largeRoles }: QuotaSize): RoundsTaken {
  const world = new AllocatorWorld();
  const agents = smallRoles / 5 + largeRoles * 5;
  const roles = [
    ...Array.from({ length: smallRoles }, (_, i) => `smallQuotaRole${String(i)}`),
    ...Array.from({ length: largeRoles }, (_, i) => `largeQuotaRole${String(i)}`),
  ];
  world.addAgents(agents, Resources.of(scalars({ cpus: 2, mem: 2048, disk: 2048 })));
  world.addFrameworks(roles.length, { roleOf: (number) => roles[number] ?? "" });
  for (const [number, role] of roles.entries()) setQuota(world, role, number < smallRoles ? 1 : 4);
  return quotaRounds(world);
}

/** How large `NonQuotaVsQuota` is: each role has two agents' worth and two frameworks. */
export interface NonQuotaSize {
  readonly roles: number;
  readonly hasQuota: boolean;
}

/** `NonQuotaVsQuota`: the same offers of whole agents, with quota and without. */
export function nonQuotaVsQuota({ roles, hasQuota }: NonQuotaSize): RoundsTaken {
  const world = new AllocatorWorld();
  world.addAgents(roles * 2, Resources.of(scalars({ cpus: 2, mem: 2048, disk: 2048 })));
  const roleOf = (number: number): string => `role${String(Math.floor(number / 2))}`;
  world.addFrameworks(roles * 2, { roleOf });
  for (let i = 0; i < roles && hasQuota; i += 1) setQuota(world, roleOf(2 * i), 4);
  return quotaRounds(world);
}

/** So many cpus, and 1,024 MB of memory and disk for each, as guarantee and as limit. */
function setQuota(world: AllocatorWorld, role: string, cpus: number): void {
  const amounts = (["cpus", "mem", "disk"] as const).map(
    (name) => [name, thousandths(cpus * (name === "cpus" ? 1000 : 1_024_000))] as const,
  );
  world.allocator.setQuota(known(parseRoleName(role)), {
    guarantees: Quantities.of(amounts),
    limits: new Map(amounts),
  });
}

function quotaRounds(world: AllocatorWorld): RoundsTaken {
  const first = world.allocate();
  const offered = world.offers.length;
  if (offered === 0) throw new Error("nothing was offered");
  const last = world.allocate();
  return summary([first, last], world.offers.length - offered);
}

function declineRounds(world: AllocatorWorld, rounds: number): RoundsTaken {
  const taken: Taken[] = [];
  for (let round = 0; round < rounds; round += 1) {
    world.declineAll(foreverMs);
    taken.push(world.allocate());
  }
  return summary(taken, world.offers.length);
}

function summary(taken: readonly Taken[], offersLast: number): RoundsTaken {
  const [first] = taken;
  const last = taken.at(-1);
  const slowest = taken.toSorted((a, b) => b.wallMs - a.wallMs)[0];
  if (first === undefined || last === undefined || slowest === undefined)
    throw new Error("no rounds");
  return { first, last, slowest, offersLast };
}

const elevenLabels = Array.from({ length: 11 }, (_, i) => ({
  key: `key${String(i)}`,
  value: `value${String(i)}`,
}));

function reserved(cpus: number, labels: Labels): Resource {
  return {
    name: "cpus",
    type: "SCALAR",
    scalar: { value: cpus },
    reservations: [{ type: "DYNAMIC", role: "role1", principal: "principal1", labels }],
  };
}
