import { known, parseRoleName } from "@tutti/ids";
import { Quantities, Resources, thousandths } from "@tutti/resources";
import { AllocatorWorld, ports, scalars } from "./allocator-world.ts";
import { median, type Taken } from "./medians.ts";

/** One cluster of the figures. */
export interface CycleSize {
  readonly agents: number;
  readonly frameworks: number;
  /** 1, or many with names of two levels and weights of 1 to 5. */
  readonly roles: number;
  /** With names of one to three levels, and quota on seven of ten roles of the top level and many below. */
  readonly hasQuota: boolean;
  /** Cycles that are measured, after `warmUp` that are not. */
  readonly cycles: number;
  readonly warmUp: number;
}

/** What the cycles of one process took: the one in the middle, and the slowest, and the first of all. */
export interface CyclesTaken {
  readonly wallMs: number;
  readonly cpuMs: number;
  readonly slowestMs: number;
  /** The very first, before anything was compiled. */
  readonly firstMs: number;
}

const foreverMs = 365 * 24 * 60 * 60 * 1000;
const total = Resources.of([
  ...scalars({ cpus: 24, mem: 65_536, disk: 1_000_000 }),
  ports([31_000, 32_000]),
]);

/**
 * The worst cycle there is: every agent has all its resources free, all frameworks want offers, and all agents
 * have to be looked at; each is offered whole to somebody. Between the cycles all offers are refused for good,
 * which adds a filter to each agent.
 */
export function allocationCycles(size: CycleSize): CyclesTaken {
  const world = new AllocatorWorld();
  world.addFrameworks(size.frameworks, { roleOf: (number) => roleOf(size, number) });
  for (let i = 0; i < size.roles && size.roles > 1; i += 1)
    world.allocator.setWeight(known(parseRoleName(roleOf(size, i))), 1 + (i % 5));
  if (size.hasQuota) setQuotas(world, size);
  world.addAgents(size.agents, total);
  const firstMs = fullCycle(world, size.agents).wallMs;
  for (let i = 0; i < size.warmUp; i += 1) fullCycle(world, size.agents);
  const cycles = Array.from({ length: size.cycles }, () => fullCycle(world, size.agents));
  return {
    wallMs: median(cycles.map(({ wallMs }) => wallMs)),
    cpuMs: median(cycles.map(({ cpuMs }) => cpuMs)),
    slowestMs: Math.max(...cycles.map(({ wallMs }) => wallMs)),
    firstMs,
  };
}

/**
 * Divisions 0 to 6 are guaranteed 6 % of the cluster and may have 14 %; in 0 to 3 five teams are each
 * guaranteed 1 % and may have 4 %. Divisions 7 to 9 have what is left.
 */
function setQuotas(world: AllocatorWorld, { agents }: CycleSize): void {
  const set = (role: string, guaranteed: number, allowed: number): void => {
    const part = (fraction: number) =>
      (["cpus", "mem", "disk"] as const).map(
        (name) => [name, thousandths(Math.round(total.scalar(name) * agents * fraction))] as const,
      );
    world.allocator.setQuota(known(parseRoleName(role)), {
      guarantees: Quantities.of(part(guaranteed)),
      limits: new Map(part(allowed)),
    });
  };
  for (let division = 0; division < 7; division += 1) {
    set(`division${String(division)}`, 0.06, 0.14);
    for (let team = 1; team <= 5 && division < 4; team += 1)
      set(`division${String(division)}/team${String(team)}`, 0.01, 0.04);
  }
}

function roleOf({ roles, hasQuota }: CycleSize, number: number): string {
  if (roles === 1) return "*";
  const role = number % roles;
  if (hasQuota) {
    const division = `division${String(role % 10)}`;
    const team = Math.floor(role / 10) % 10;
    if (team === 0) return division;
    if (team <= 5) return `${division}/team${String(team)}`;
    return `${division}/team${String(team - 5)}/squad${String(team)}`;
  }
  return `division${String(role % 10)}/team${String(role)}`;
}

function fullCycle(world: AllocatorWorld, agents: number): Taken {
  world.declineAll(foreverMs);
  const taken = world.allocate();
  if (world.offers.length < agents) throw new Error("not every agent was offered");
  return taken;
}
