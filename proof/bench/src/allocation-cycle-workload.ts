import { known, parseRoleName } from "@tutti/ids";
import { Resources } from "@tutti/resources";
import { AllocatorWorld, ports, scalars } from "./allocator-world.ts";
import { median, type Taken } from "./medians.ts";

/** One cluster of the figures. */
export interface CycleSize {
  readonly agents: number;
  readonly frameworks: number;
  /** 1, or many with names of two levels and weights of 1 to 5. */
  readonly roles: number;
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

function roleOf({ roles }: CycleSize, number: number): string {
  if (roles === 1) return "*";
  const role = number % roles;
  return `division${String(role % 10)}/team${String(role)}`;
}

function fullCycle(world: AllocatorWorld, agents: number): Taken {
  world.declineAll(foreverMs);
  const taken = world.allocate();
  if (world.offers.length < agents) throw new Error("not every agent was offered");
  return taken;
}
