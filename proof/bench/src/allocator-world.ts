import { createAllocator, type Allocation, type Allocator } from "@tutti/allocator";
import { known, parseAgentId, parseFrameworkId, parseRoleName } from "@tutti/ids";
import type { AgentId, FrameworkId } from "@tutti/ids";
import type { Resource } from "@tutti/mesos-v1";
import type { Resources } from "@tutti/resources";
import { timed, type Taken } from "./medians.ts";

/** Changes within this time share one allocation, as in the master. */
const batchMs = 5;

/** What the frameworks of a workload are alike in. */
export interface FrameworkShape {
  /** The role of the framework with this number. */
  readonly roleOf: (number: number) => string;
  readonly capabilities?: readonly string[];
}

/** The allocator with agents and frameworks, driven by hand: time stands where the workload puts it. */
export class AllocatorWorld {
  readonly allocator: Allocator = createAllocator();
  readonly frameworkIds: FrameworkId[] = [];
  readonly agentIds: AgentId[] = [];
  /** What was allocated and not given back. */
  offers: Allocation[] = [];
  monoMs = 0;
  #allocatedMs = 0;

  addFrameworks(count: number, { roleOf, capabilities = [] }: FrameworkShape): void {
    for (let i = 0; i < count; i += 1) {
      const id = known(parseFrameworkId(`framework${String(i + 1)}`));
      this.frameworkIds.push(id);
      this.allocator.addFramework(
        {
          id,
          roles: [known(parseRoleName(roleOf(i)))],
          suppressedRoles: [],
          capabilities: new Set(capabilities),
        },
        new Map(),
      );
    }
  }

  /** Adds agents, the resources in use on each by frameworks in turn, and allocates meanwhile as a master does. */
  addAgents(count: number, total: Resources, usedOn?: (number: number) => Resources): void {
    for (let i = 0; i < count; i += 1) {
      const id = known(parseAgentId(`agent${String(i + 1)}`));
      this.agentIds.push(id);
      const framework = this.frameworkIds[i % this.frameworkIds.length];
      const used = new Map<FrameworkId, Resources>();
      if (usedOn !== undefined && framework !== undefined) used.set(framework, usedOn(i));
      this.allocator.addAgent({ id, total }, used);
      this.allocateWhenDue();
    }
    this.allocate();
  }

  /** Allocates when the last time was five milliseconds ago. */
  allocateWhenDue(): void {
    if (performance.now() - this.#allocatedMs >= batchMs) this.allocate();
  }

  /** One cycle of the allocator. */
  allocate(): Taken {
    const taken = timed(() => {
      const allocations = this.allocator.allocate(this.monoMs);
      if (this.offers.length === 0) this.offers = [...allocations];
      else this.offers.push(...allocations);
    });
    this.#allocatedMs = performance.now();
    return taken;
  }

  /** Gives everything back; with `refuseMs` it is not to be offered again for so long. */
  declineAll(refuseMs?: number): void {
    const { offers } = this;
    this.offers = [];
    const refusal = refuseMs === undefined ? undefined : { refuseMs, monoMs: this.monoMs };
    for (const { frameworkId, agentId, resources } of offers)
      this.allocator.recoverResources(frameworkId, agentId, resources, refusal);
  }
}

/** Scalars of these amounts. */
export function scalars(amounts: Readonly<Record<string, number>>): Resource[] {
  return Object.entries(amounts).map(([name, value]) => ({
    name,
    type: "SCALAR",
    scalar: { value },
  }));
}

/** Ports in these ranges. */
export function ports(...range: readonly (readonly [begin: number, end: number])[]): Resource {
  return {
    name: "ports",
    type: "RANGES",
    ranges: { range: range.map(([begin, end]) => ({ begin, end })) },
  };
}

/** Sixteen pieces of 31000–32000 with a port between each two: fifteen single ports, then the rest. */
export function fragmentedPorts(): Resource {
  const singles = Array.from({ length: 15 }, (_, i) => [31_000 + 2 * i, 31_000 + 2 * i] as const);
  return ports(...singles, [31_030, 32_000]);
}
