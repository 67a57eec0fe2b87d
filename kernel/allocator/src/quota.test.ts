import { known, parseAgentId, parseFrameworkId, parseRoleName } from "@tutti/ids";
import { Quantities, Resources, type Thousandths, thousandths } from "@tutti/resources";
import { describe, expect, it } from "vitest";
import { createAllocator } from "./create-allocator.ts";
import type { Allocation, Allocator } from "./types.ts";

type Amounts = Readonly<Record<string, number>>;

function scalars(amounts: Amounts): Resources {
  return Resources.of(
    Object.entries(amounts).map(([name, value]) => ({ name, type: "SCALAR", scalar: { value } })),
  );
}

function entriesOf(amounts: Amounts): [string, Thousandths][] {
  return Object.entries(amounts).map(([name, value]) => [name, thousandths(value * 1000)]);
}

/** Frameworks by name and role, so many agents with 4 cpus and 1,024 MB, and ten ports each. */
function cluster(frameworks: Readonly<Record<string, string>>, agents: number): Allocator {
  const allocator = createAllocator();
  for (const [name, role] of Object.entries(frameworks)) addFramework(allocator, name, role);
  for (let i = 0; i < agents; i += 1) addAgent(allocator, `S${String(i)}`);
  return allocator;
}

function addFramework(allocator: Allocator, name: string, role: string): void {
  const id = known(parseFrameworkId(name));
  const roles = [known(parseRoleName(role))];
  allocator.addFramework({ id, roles, suppressedRoles: [], capabilities: new Set() }, new Map());
}

function addAgent(allocator: Allocator, name: string, more = Resources.empty): void {
  const ports = Resources.of([
    { name: "ports", type: "RANGES", ranges: { range: [{ begin: 1, end: 10 }] } },
  ]);
  const total = scalars({ cpus: 4, mem: 1024 }).add(ports).add(more);
  allocator.addAgent({ id: known(parseAgentId(name)), total }, new Map());
}

function setQuota(allocator: Allocator, role: string, guarantees: Amounts, limits: Amounts): void {
  allocator.setQuota(known(parseRoleName(role)), {
    guarantees: Quantities.of(entriesOf(guarantees)),
    limits: new Map(entriesOf(limits)),
  });
}

/** `S0 a cpus:4; mem:1024; ports:[1-10]` and so on. */
function texts(allocations: readonly Allocation[]): string[] {
  return allocations.map(
    ({ agentId, frameworkId, resources }) =>
      `${agentId} ${frameworkId} ${resources.unallocate().toString()}`,
  );
}

function giveBack(allocator: Allocator, given: Allocation, refuseMs?: number): void {
  const refusal = refuseMs === undefined ? undefined : { refuseMs, monoMs: 0 };
  allocator.recoverResources(given.frameworkId, given.agentId, given.resources, refusal);
}

describe("limits", () => {
  it("[ALC52, ALC57] offers are cut to what a limit allows, ports go with them", () => {
    const allocator = cluster({ a: "dev" }, 2);
    setQuota(allocator, "dev", {}, { cpus: 5 });
    expect(texts(allocator.allocate(0))).toEqual([
      "S0 a cpus:4; mem:1024; ports:[1-10]",
      "S1 a cpus:1; mem:1024; ports:[1-10]",
    ]);
  });

  it("[ALC50] a limit of zero is a limit", () => {
    const allocator = cluster({ a: "dev" }, 1);
    setQuota(allocator, "dev", {}, { cpus: 0, mem: 0 });
    expect(allocator.allocate(0)).toEqual([]);
  });

  it("[ALC51, ALC52] hold for a role and all below it together", () => {
    const allocator = cluster({ a: "dev/x", b: "dev/y", c: "dev" }, 4);
    setQuota(allocator, "dev", {}, { cpus: 6, mem: 512 });
    const given = Resources.sum(allocator.allocate(0).map(({ resources }) => resources));
    expect([given.scalar("cpus"), given.scalar("mem")]).toEqual([6000, 512_000]);
  });

  it("[ALC51, ALC57] reservations are consumed, and offered all the same", () => {
    const allocator = cluster({ a: "dev" }, 0);
    const reserved = scalars({ cpus: 2 }).pushReservation({ type: "STATIC", role: "dev" });
    addAgent(allocator, "S0", reserved);
    setQuota(allocator, "dev", {}, { cpus: 3 });
    expect(texts(allocator.allocate(0))).toEqual([
      "S0 a cpus:1; mem:1024; ports:[1-10]; cpus(reservations: [(STATIC,dev)]):2",
    ]);
  });

  it("[ALC58] what was kept back is offered when the limit is lifted or something came back", () => {
    const allocator = cluster({ a: "dev" }, 2);
    setQuota(allocator, "dev", {}, { cpus: 4, mem: 1024 });
    const [first] = allocator.allocate(0);
    if (first === undefined) throw new Error("nothing was offered");
    expect(allocator.allocate(1)).toEqual([]);
    giveBack(allocator, first, 1000);
    expect(texts(allocator.allocate(2))).toEqual(["S1 a cpus:4; mem:1024; ports:[1-10]"]);
    allocator.setQuota(known(parseRoleName("dev")), undefined);
    expect(allocator.allocate(3)).toEqual([]);
    expect(texts(allocator.allocate(1001))).toEqual(["S0 a cpus:4; mem:1024; ports:[1-10]"]);
  });
});

describe("guarantees", () => {
  it("[ALC54] are kept for a role in which nobody is yet", () => {
    const allocator = cluster({ a: "other" }, 2);
    setQuota(allocator, "dev", { cpus: 5 }, {});
    expect(texts(allocator.allocate(0)).map((text) => text.slice(0, 11))).toEqual([
      "S0 a cpus:3",
      "S1 a mem:10",
    ]);
    addFramework(allocator, "late", "dev");
    expect(texts(allocator.allocate(1))).toEqual(["S1 late cpus:4", "S0 late cpus:1"]);
  });

  it("[ALC53] come first, whatever the shares", () => {
    const allocator = cluster({ a: "other", b: "dev" }, 1);
    allocator.setWeight(known(parseRoleName("other")), 100);
    setQuota(allocator, "dev", { cpus: 1 }, {});
    expect(texts(allocator.allocate(0))).toEqual(["S0 b cpus:4; mem:1024; ports:[1-10]"]);
  });

  it("[ALC53] are given even when the cluster cannot satisfy all", () => {
    const allocator = cluster({ a: "dev" }, 1);
    setQuota(allocator, "dev", { cpus: 2 }, {});
    setQuota(allocator, "absent", { cpus: 100 }, {});
    expect(texts(allocator.allocate(0))).toEqual(["S0 a cpus:2; mem:1024; ports:[1-10]"]);
  });

  it("[ALC54] an agent that is not active cannot satisfy them", () => {
    const allocator = cluster({ a: "other" }, 2);
    allocator.setAgentActive(known(parseAgentId("S1")), false);
    setQuota(allocator, "dev", { cpus: 4, mem: 1024 }, {});
    expect(allocator.allocate(0)).toEqual([]);
    allocator.setAgentActive(known(parseAgentId("S1")), true);
    expect(allocator.allocate(1)).toHaveLength(1);
  });

  it("[ALC55, ALC56] of a child are kept within what its parent may have", () => {
    const allocator = cluster({ own: "dev", x: "dev/x" }, 3);
    setQuota(allocator, "dev", { cpus: 6 }, { cpus: 6 });
    setQuota(allocator, "dev/y", { cpus: 2 }, {});
    const given = Resources.sum(allocator.allocate(0).map(({ resources }) => resources));
    expect(given.scalar("cpus")).toBe(4000);
    addFramework(allocator, "y", "dev/y");
    const rest = allocator.allocate(1);
    expect(rest.map(({ frameworkId }) => frameworkId)).toEqual(["y"]);
    expect(Resources.sum(rest.map(({ resources }) => resources)).scalar("cpus")).toBe(2000);
  });
});
