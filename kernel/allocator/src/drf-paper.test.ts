import { known, parseAgentId, parseFrameworkId, parseRoleName } from "@tutti/ids";
import { Quantities, Resources, thousandths } from "@tutti/resources";
import { describe, expect, it } from "vitest";
import { ClusterTotal, ScalarKinds } from "./amounts.ts";
import { createAllocator } from "./create-allocator.ts";
import { DrfSorter } from "./drf-sorter.ts";

/** The example of the paper: 9 CPUs and 18 GB; a task of A needs 1 CPU and 4 GB, one of B 3 CPUs and 1 GB. */
const total = scalars(9, 18);
const demands = { A: scalars(1, 4), B: scalars(3, 1) } as const;
type Name = keyof typeof demands;

function scalars(cpus: number, mem: number): Resources {
  return Resources.of([
    { name: "cpus", type: "SCALAR", scalar: { value: cpus } },
    { name: "mem", type: "SCALAR", scalar: { value: mem } },
  ]);
}

/** Progressive filling on the bare sorter: the first client gets one task, until that does not fit. */
function fillBySorter(names: readonly Name[]) {
  const kinds = new ScalarKinds();
  const cluster = new ClusterTotal();
  cluster.add(kinds.amountsOf(total));
  const sorter = new DrfSorter(cluster);
  const clients = names.map((name) => {
    const client = sorter.add();
    sorter.setActive(client, true);
    return { name, client };
  });
  const order: string[] = [];
  let free = total;
  for (;;) {
    sorter.rewind();
    const next = sorter.next();
    const winner = clients.find(({ client }) => client === next)!;
    if (!free.contains(demands[winner.name])) break;
    free = free.subtract(demands[winner.name]);
    sorter.allocated(next, kinds.amountsOf(demands[winner.name]));
    order.push(winner.name);
  }
  const shares = Object.fromEntries(
    clients.map(({ name, client }) => [name, sorter.shareOf(client)]),
  );
  return { order: order.join(""), free: free.toString(), shares };
}

/** The same through the allocator: each is offered all that is free, takes one task, declines the rest. */
function fillByAllocator(names: readonly Name[]) {
  const allocator = createAllocator({
    minAllocatable: [Quantities.of([["cpus", thousandths(1)]])],
  });
  const role = known(parseRoleName("*"));
  const agentId = known(parseAgentId("S0"));
  for (const name of names) {
    const id = known(parseFrameworkId(name));
    allocator.addFramework(
      { id, roles: [role], suppressedRoles: [], capabilities: new Set() },
      new Map(),
    );
  }
  allocator.addAgent({ id: agentId, total }, new Map());
  const order: string[] = [];
  for (let round = 0; round < 20; round += 1) {
    for (const { frameworkId, resources } of allocator.allocate(round)) {
      const demand = demands[frameworkId as unknown as Name].allocate("*");
      if (!resources.contains(demand)) {
        allocator.recoverResources(frameworkId, agentId, resources, {
          refuseMs: 1_000_000,
          monoMs: round,
        });
        continue;
      }
      allocator.recoverResources(frameworkId, agentId, resources.subtract(demand), undefined);
      order.push(frameworkId);
    }
  }
  return order.join("");
}

describe("the example of the DRF paper", () => {
  it("[ALC2] A first: A and B take turns, three tasks for A and two for B", () => {
    expect(fillBySorter(["A", "B"])).toEqual({
      order: "ABABA",
      free: "mem:4",
      shares: { A: 2 / 3, B: 2 / 3 },
    });
    expect(fillByAllocator(["A", "B"])).toBe("ABABA");
  });

  it("[ALC2] B first: B, A, A, B, A", () => {
    expect(fillBySorter(["B", "A"])).toEqual({
      order: "BAABA",
      free: "mem:4",
      shares: { A: 2 / 3, B: 2 / 3 },
    });
    expect(fillByAllocator(["B", "A"])).toBe("BAABA");
  });
});
