import { known, parseAgentId, parseFrameworkId, parseRoleName } from "@tutti/ids";
import { Resources } from "@tutti/resources";
import { describe, expect, it } from "vitest";
import {
  type AllocatorOptions,
  createAllocator,
  minAllocatableDefault,
} from "./create-allocator.ts";
import { DrfSorter } from "./drf-sorter.ts";
import { FairAllocator } from "./fair-allocator.ts";
import { limits } from "./limits.ts";
import { Refusals } from "./refusals.ts";
import type { Allocation, Allocator } from "./types.ts";

const star = role("*");
const web = role("web");
const day = 24 * 60 * 60 * 1000;

function role(name: string) {
  return known(parseRoleName(name));
}

function framework(name: string) {
  return known(parseFrameworkId(name));
}

function agent(name: string) {
  return known(parseAgentId(name));
}

/** `resources(2, 512)` or, reserved, `resources(2, 512, "web")`. */
function resources(cpus: number, mem: number, reservedTo?: string): Resources {
  const plain = Resources.of([
    { name: "cpus", type: "SCALAR", scalar: { value: cpus } },
    { name: "mem", type: "SCALAR", scalar: { value: mem } },
  ]);
  return reservedTo === undefined
    ? plain
    : plain.pushReservation({ type: "STATIC", role: reservedTo });
}

/** An allocator with frameworks (by name and roles) and agents (by name and total). */
function cluster(
  frameworks: Readonly<Record<string, readonly string[]>>,
  agents: Readonly<Record<string, Resources>>,
  options?: AllocatorOptions,
): Allocator {
  const allocator = createAllocator(options);
  for (const [name, roles] of Object.entries(frameworks)) addFramework(allocator, name, roles);
  for (const [name, total] of Object.entries(agents)) {
    allocator.addAgent({ id: agent(name), total }, new Map());
  }
  return allocator;
}

function addFramework(
  allocator: Allocator,
  name: string,
  roles: readonly string[],
  capabilities: readonly string[] = [],
): void {
  allocator.addFramework(
    {
      id: framework(name),
      roles: roles.map(role),
      suppressedRoles: [],
      capabilities: new Set(capabilities),
    },
    new Map(),
  );
}

function texts(allocations: readonly Allocation[]): string[] {
  return allocations.map(
    (one) => `${one.agentId} → ${one.frameworkId}: ${one.resources.toString()}`,
  );
}

function giveBack(allocator: Allocator, one: Allocation, refuseMs?: number, monoMs = 0): void {
  const refusal = refuseMs === undefined ? undefined : { refuseMs, monoMs };
  allocator.recoverResources(one.frameworkId, one.agentId, one.resources, refusal);
}

/** How many agents each framework is offered. */
function countsOf(allocations: readonly Allocation[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { frameworkId } of allocations) counts[frameworkId] = (counts[frameworkId] ?? 0) + 1;
  return counts;
}

/** So many agents with 1 cpu and 128 MB. */
function smallAgents(count: number): Record<string, Resources> {
  return Object.fromEntries(
    Array.from({ length: count }, (_, at) => [`S${String(at)}`, resources(1, 128)]),
  );
}

describe("the tree of roles", () => {
  it("[ALC40, ALC42] children share what their parent has, whatever their number", () => {
    const allocator = cluster({ one: ["a/x"], two: ["a/y"], other: ["b"] }, smallAgents(12));
    expect(countsOf(allocator.allocate(0))).toEqual({ one: 3, two: 3, other: 6 });
  });

  it("[ALC41] a role's own frameworks share as one more child", () => {
    const allocator = cluster(
      { own: ["a"], again: ["a"], x: ["a/x"], y: ["a/y"] },
      smallAgents(12),
    );
    expect(countsOf(allocator.allocate(0))).toEqual({ own: 2, again: 2, x: 4, y: 4 });
  });

  it("[ALC41, ALC42] weights hold at their level, those of roles nobody is in too", () => {
    const allocator = cluster({ own: ["a"], x: ["a/x"], b: ["b"] }, {});
    allocator.setWeight(role("a"), 3);
    allocator.setWeight(role("a/x"), 2);
    for (const [name, total] of Object.entries(smallAgents(12))) {
      allocator.addAgent({ id: agent(name), total }, new Map());
    }
    expect(countsOf(allocator.allocate(0))).toEqual({ own: 3, x: 6, b: 3 });
  });

  it("[ALC12] what is reserved to a role goes to the roles below it, too", () => {
    const total = resources(4, 1024, "a");
    expect(texts(cluster({ x: ["a/x"] }, { S0: total }).allocate(0))).toHaveLength(1);
    expect(texts(cluster({ x: ["ab"], y: ["b"] }, { S0: total }).allocate(0))).toHaveLength(0);
  });

  it("[ALC44] the random sorter draws at each level", () => {
    let seed = 1;
    const below = (bound: number): number => {
      seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
      return Math.floor((seed / 4_294_967_296) * bound);
    };
    const random = { next: () => below(1000) / 1000, below, uuid: () => "unused" };
    const allocator = cluster({ x: ["a/x"], y: ["a/y"], b: ["b"] }, smallAgents(3000), {
      sorter: "random",
      random,
    });
    const counts = countsOf(allocator.allocate(0));
    expect(Math.abs((counts["b"] ?? 0) - 1500)).toBeLessThan(150);
    expect(Math.abs((counts["x"] ?? 0) - 750)).toBeLessThan(150);
  });
});

describe("a round", () => {
  it("[ALC10] roles share first, then the frameworks of a role", () => {
    const agents = Object.fromEntries(
      Array.from({ length: 8 }, (_, at) => [`S${String(at)}`, resources(1, 128)]),
    );
    const allocator = cluster({ a: ["*"], b: ["*"], c: ["*"], d: ["web"] }, agents);
    const counts = new Map<string, number>();
    for (const { frameworkId } of allocator.allocate(0)) {
      counts.set(frameworkId, (counts.get(frameworkId) ?? 0) + 1);
    }
    expect(Object.fromEntries(counts)).toEqual({ a: 2, b: 1, c: 1, d: 4 });
  });

  it("[ALC10] a framework in two roles is two clients", () => {
    const allocator = cluster(
      { a: ["*", "web"], b: ["*"] },
      { S0: resources(1, 128), S1: resources(1, 128), S2: resources(1, 128) },
    );
    expect(allocator.allocate(0).map((one) => `${one.frameworkId} ${one.role}`)).toEqual([
      "a *",
      "a web",
      "b *",
    ]);
  });

  it("[ALC11] all that is free on an agent goes to one framework and is charged at once", () => {
    const allocator = cluster({ a: ["*"], b: ["*"] }, { S0: resources(2, 512) });
    expect(texts(allocator.allocate(0))).toEqual([
      "S0 → a: cpus(allocated: *):2; mem(allocated: *):512",
    ]);
    expect(allocator.allocate(0)).toEqual([]);
  });

  it("[ALC12] what is reserved to a role goes to that role alone, with what is unreserved", () => {
    const total = resources(1, 128).add(resources(4, 1024, "web"));
    expect(texts(cluster({ a: ["*"] }, { S0: total }).allocate(0))).toEqual([
      "S0 → a: cpus(allocated: *):1; mem(allocated: *):128",
    ]);
    expect(texts(cluster({ w: ["web"] }, { S0: total }).allocate(0))).toEqual([
      "S0 → w: cpus(allocated: web):1; mem(allocated: web):128; " +
        "cpus(allocated: web)(reservations: [(STATIC,web)]):4; " +
        "mem(allocated: web)(reservations: [(STATIC,web)]):1024",
    ]);
    expect(texts(cluster({ a: ["*"], w: ["web"] }, { S0: total }).allocate(0))).toEqual([
      "S0 → a: cpus(allocated: *):1; mem(allocated: *):128",
      "S0 → w: cpus(allocated: web)(reservations: [(STATIC,web)]):4; " +
        "mem(allocated: web)(reservations: [(STATIC,web)]):1024",
    ]);
    const onlyReserved = cluster({ a: ["*"] }, { S0: resources(4, 1024, "web") });
    expect(onlyReserved.allocate(0)).toEqual([]);
  });

  it.each([
    { cpus: 0.009, mem: 31.9, offered: 0 },
    { cpus: 0.01, mem: 0, offered: 1 },
    { cpus: 0, mem: 32, offered: 1 },
  ])("[ALC13] $cpus cpus and $mem MB of memory make $offered offers", ({ cpus, mem, offered }) => {
    expect(cluster({ a: ["*"] }, { S0: resources(cpus, mem) }).allocate(0)).toHaveLength(offered);
  });

  it("[ALC13] with other least amounts, or none", () => {
    const total = resources(1, 1);
    const least = { minAllocatable: [resources(1, 2).quantities()] };
    expect(cluster({ a: ["*"] }, { S0: total }, least).allocate(0)).toEqual([]);
    const ports = Resources.of([
      { name: "ports", type: "RANGES", ranges: { range: [{ begin: 1, end: 2 }] } },
    ]);
    expect(cluster({ a: ["*"] }, { S0: ports }).allocate(0)).toEqual([]);
    expect(cluster({ a: ["*"] }, { S0: ports }, { minAllocatable: [] }).allocate(0)).toHaveLength(
      1,
    );
  });

  it("[ALC14] a framework that is not active is allocated nothing and keeps what it holds", () => {
    const allocator = cluster({ a: ["*"] }, { S0: resources(1, 128), S1: resources(1, 128) });
    const [first, second] = allocator.allocate(0);
    allocator.setFrameworkActive(framework("a"), false);
    giveBack(allocator, first!);
    expect(allocator.allocate(0)).toEqual([]);
    allocator.setFrameworkActive(framework("a"), true);
    expect(allocator.allocate(0).map((one) => one.agentId)).toEqual([first!.agentId]);
    giveBack(allocator, second!);
  });

  it("[ALC14] suppressed in one role it is still allocated in the other", () => {
    const allocator = cluster({ a: ["*", "web"] }, { S0: resources(1, 128) });
    allocator.suppressOffers(framework("a"), [star]);
    const [offer] = allocator.allocate(0);
    expect(offer?.role).toBe("web");
    giveBack(allocator, offer!);
    allocator.suppressOffers(framework("a"), []);
    expect(allocator.allocate(0)).toEqual([]);
    allocator.reviveOffers(framework("a"), [web]);
    expect(allocator.allocate(0).map((one) => one.role)).toEqual(["web"]);
  });

  it("[ALC14] an agent that is not active is not allocated until it is again", () => {
    const allocator = cluster({ a: ["*"] }, { S0: resources(1, 128) });
    allocator.setAgentActive(agent("S0"), false);
    expect(allocator.allocate(0)).toEqual([]);
    allocator.setAgentActive(agent("S0"), true);
    expect(allocator.allocate(0)).toHaveLength(1);
  });

  it("[ALC15] agents with GPUs go only to those who know GPUs", () => {
    const gpus = Resources.of([{ name: "gpus", type: "SCALAR", scalar: { value: 1 } }]);
    const allocator = cluster({ a: ["*"] }, { S0: resources(1, 128).add(gpus) });
    expect(allocator.allocate(0)).toEqual([]);
    addFramework(allocator, "g", ["*"], ["GPU_RESOURCES"]);
    expect(allocator.allocate(0).map((one) => one.frameworkId)).toEqual(["g"]);
  });

  it("[ALC15] revocable resources go only to those who can lose them", () => {
    const revocable = Resources.of([
      { name: "cpus", type: "SCALAR", scalar: { value: 3 }, revocable: {} },
    ]);
    const allocator = cluster({ a: ["*"] }, { S0: resources(1, 128).add(revocable) });
    addFramework(allocator, "r", ["*"], ["REVOCABLE_RESOURCES"]);
    expect(texts(allocator.allocate(0))).toEqual([
      "S0 → a: cpus(allocated: *):1; mem(allocated: *):128",
      "S0 → r: cpus(allocated: *){REV}:3",
    ]);
  });

  it("[ALC16] a role of weight 2 gets twice as many agents", () => {
    const agents = Object.fromEntries(
      Array.from({ length: 9 }, (_, at) => [`S${String(at)}`, resources(1, 128)]),
    );
    const allocator = cluster({ a: ["*"], w: ["web"] }, agents);
    allocator.setWeight(web, 2);
    const given = allocator.allocate(0).map((one) => one.frameworkId as string);
    expect(given.filter((id) => id === "w")).toHaveLength(6);
    expect(given.filter((id) => id === "a")).toHaveLength(3);
  });

  it("[ALC17] without refusals every framework in time sees every agent", () => {
    const allocator = cluster(
      { a: ["*"], b: ["*"] },
      { S0: resources(1, 128), S1: resources(1, 128) },
    );
    const seen = new Set<string>();
    for (let round = 0; round < 4; round += 1) {
      for (const one of allocator.allocate(round)) {
        seen.add(`${one.agentId} ${one.frameworkId}`);
        giveBack(allocator, one);
      }
    }
    expect(seen.size).toBe(4);
  });

  it("[ALC7] kinds beyond the sixteenth are offered and not weighed", () => {
    const kinds = Array.from({ length: 20 }, (_, at) => `kind${String(at).padStart(2, "0")}`);
    const total = Resources.of(
      kinds.map((name) => ({ name, type: "SCALAR", scalar: { value: 1 } }) as const),
    );
    const allocator = cluster({ a: ["*"] }, { S0: total }, { minAllocatable: [] });
    expect(allocator.allocate(0)[0]?.resources.toMessages()).toHaveLength(20);
  });
});

describe("refusals", () => {
  it("[ALC20] the same or less is not offered again until the time has come", () => {
    const allocator = cluster({ a: ["*"] }, { S0: resources(2, 512) });
    giveBack(allocator, allocator.allocate(0)[0]!, 5000);
    expect(allocator.nextDeadlineMonoMs()).toBe(5000);
    expect(allocator.allocate(4999)).toEqual([]);
    expect(allocator.allocate(5000)).toHaveLength(1);
    expect(allocator.nextDeadlineMonoMs()).toBeUndefined();
  });

  it("[ALC20] less than was refused is refused too, more is not", () => {
    const allocator = cluster({ a: ["*"], b: ["*"] }, { S0: resources(4, 1024) });
    const [whole] = allocator.allocate(0);
    const used = resources(1, 256).allocate("*");
    allocator.recoverResources(
      whole!.frameworkId,
      whole!.agentId,
      whole!.resources.subtract(used),
      { refuseMs: 5000, monoMs: 0 },
    );
    const [other] = allocator.allocate(1);
    expect(other?.frameworkId).toBe("b");
    allocator.recoverResources(
      other!.frameworkId,
      other!.agentId,
      other!.resources.subtract(used),
      { refuseMs: 5000, monoMs: 1 },
    );
    expect(allocator.allocate(2)).toEqual([]);
    allocator.recoverResources(whole!.frameworkId, whole!.agentId, used, undefined);
    expect(texts(allocator.allocate(3))).toEqual([
      "S0 → b: cpus(allocated: *):3; mem(allocated: *):768",
    ]);
  });

  it("[ALC20] another framework, another role and another agent are not concerned", () => {
    const allocator = cluster({ a: ["*", "web"] }, { S0: resources(1, 128) });
    const seen: string[] = [];
    for (let round = 0; round < 3; round += 1) {
      for (const one of allocator.allocate(round)) {
        seen.push(one.role);
        giveBack(allocator, one, 5000, round);
      }
    }
    expect(seen).toEqual(["*", "web"]);
    addFramework(allocator, "b", ["*"]);
    expect(allocator.allocate(4).map((one) => one.frameworkId)).toEqual(["b"]);
    allocator.suppressOffers(framework("b"), []);
    allocator.addAgent({ id: agent("S1"), total: resources(1, 128) }, new Map());
    expect(allocator.allocate(5).map((one) => `${one.agentId} ${one.frameworkId}`)).toEqual([
      "S1 a",
    ]);
  });

  it("[ALC25] those that hold are counted by role until they end", () => {
    const agents = Object.fromEntries(
      Array.from({ length: 40 }, (_, at) => [`S${String(at)}`, resources(1, 128)]),
    );
    const allocator = cluster({ a: ["*"], b: ["web"] }, agents);
    expect(allocator.refusalCounts()).toEqual(new Map());
    for (const one of allocator.allocate(0)) giveBack(allocator, one, 5000);
    expect(Object.fromEntries(allocator.refusalCounts())).toEqual({ "*": 20, web: 20 });
    allocator.reviveOffers(framework("b"), []);
    expect(Object.fromEntries(allocator.refusalCounts())).toEqual({ "*": 20 });
    allocator.allocate(5000);
    expect(allocator.refusalCounts()).toEqual(new Map());
  });

  it("[ALC21] of several refusals of the same the last to end counts", () => {
    const refusals = new Refusals();
    const refused = resources(1, 128);
    refusals.refuse(0, 7, refused, 100);
    refusals.refuse(0, 7, resources(1, 128), 300);
    refusals.refuse(0, 7, refused, 200);
    expect(refusals.at(0)).toHaveLength(1);
    expect(refusals.expire(100)).toEqual([0]);
    expect(refusals.expire(200)).toEqual([0]);
    expect(refusals.at(0)[0]?.clients.has(7)).toBe(true);
    expect(refusals.expire(300)).toEqual([0]);
    expect(refusals.at(0)).toEqual([]);
  });

  it("[ALC21] none lasts longer than a year", () => {
    const allocator = cluster({ a: ["*"] }, { S0: resources(1, 128) });
    giveBack(allocator, allocator.allocate(0)[0]!, Number.MAX_SAFE_INTEGER);
    expect(allocator.nextDeadlineMonoMs()).toBe(365 * day);
  });

  it("[ALC22] reviving ends refusals, and a refusal made afterwards lives its own time", () => {
    const allocator = cluster({ a: ["*"] }, { S0: resources(1, 128) });
    giveBack(allocator, allocator.allocate(0)[0]!, 1000, 0);
    allocator.reviveOffers(framework("a"), []);
    expect(allocator.nextDeadlineMonoMs()).toBeUndefined();
    giveBack(allocator, allocator.allocate(1)[0]!, 5000, 1);
    expect(allocator.allocate(1000)).toEqual([]);
    expect(allocator.allocate(5001)).toHaveLength(1);
  });

  it("[ALC22] a framework that is deactivated loses its refusals", () => {
    const allocator = cluster({ a: ["*"] }, { S0: resources(1, 128) });
    giveBack(allocator, allocator.allocate(0)[0]!, 1000);
    allocator.setFrameworkActive(framework("a"), false);
    allocator.setFrameworkActive(framework("a"), true);
    expect(allocator.allocate(1)).toHaveLength(1);
  });

  it("[ALC23] refusals at an agent end when its total changes", () => {
    const allocator = cluster({ a: ["*"] }, { S0: resources(2, 512) });
    giveBack(allocator, allocator.allocate(0)[0]!, 1000);
    allocator.updateAgent({ id: agent("S0"), total: resources(2, 512) });
    expect(allocator.allocate(1)).toEqual([]);
    allocator.updateAgent({ id: agent("S0"), total: resources(1, 256) });
    expect(texts(allocator.allocate(2))).toEqual([
      "S0 → a: cpus(allocated: *):1; mem(allocated: *):256",
    ]);
  });

  it("[ALC24] distinct refused resources of one agent are bounded, the oldest is forgotten", () => {
    const refusals = new Refusals();
    const most = limits.refusedResourcesPerAgentMax;
    for (let cpus = 1; cpus <= most; cpus += 1) refusals.refuse(3, 1, resources(cpus, 1), 100);
    expect(refusals.refuse(3, 1, resources(most + 1, 1), 100)).toEqual([3]);
    expect(refusals.at(3)).toHaveLength(most);
    expect(refusals.at(3)[0]?.resources.scalar("cpus")).toBe(2000);
  });
});

describe("the books", () => {
  it("[ALC31] an agent that comes back with less than its tasks hold has nothing free of that", () => {
    const allocator = createFair();
    const used = new Map([[framework("a"), resources(4, 512).allocate("*")]]);
    addFramework(allocator, "a", ["*"]);
    allocator.addAgent({ id: agent("S0"), total: resources(4, 1024) }, used);
    allocator.updateAgent({ id: agent("S0"), total: resources(2, 1024) });
    expect(allocator.freeOn(agent("S0")).toString()).toBe("mem:512");
    allocator.recoverResources(
      framework("a"),
      agent("S0"),
      resources(3, 512).allocate("*"),
      undefined,
    );
    expect(allocator.freeOn(agent("S0")).toString()).toBe("cpus:1; mem:1024");
  });

  it("[ALC32] what an unknown framework uses is not free, and becomes its own when it is added", () => {
    const allocator = createFair();
    const used = new Map([[framework("late"), resources(3, 512).allocate("*")]]);
    allocator.addAgent({ id: agent("S0"), total: resources(4, 1024) }, used);
    addFramework(allocator, "a", ["*"]);
    expect(texts(allocator.allocate(0))).toEqual([
      "S0 → a: cpus(allocated: *):1; mem(allocated: *):512",
    ]);
    allocator.addFramework(
      { id: framework("late"), roles: [star], suppressedRoles: [], capabilities: new Set() },
      new Map([[agent("S0"), resources(3, 512).allocate("*")]]),
    );
    allocator.removeFramework(framework("late"));
    expect(allocator.freeOn(agent("S0")).toString()).toBe("cpus:3; mem:512");
  });

  it("[ALC32] the used resources of a framework that is added after its agents are charged", () => {
    const allocator = createFair();
    allocator.addAgent({ id: agent("S0"), total: resources(4, 1024) }, new Map());
    allocator.addFramework(
      { id: framework("a"), roles: [star], suppressedRoles: [], capabilities: new Set() },
      new Map([
        [agent("S0"), resources(1, 24).allocate("*")],
        [agent("gone"), resources(1, 24).allocate("*")],
      ]),
    );
    expect(allocator.freeOn(agent("S0")).toString()).toBe("cpus:3; mem:1000");
    allocator.chargeResources(framework("a"), agent("S0"), resources(1, 0).allocate("*"));
    expect(allocator.freeOn(agent("S0")).toString()).toBe("cpus:2; mem:1000");
  });

  it("[ALC33] giving back more than is held is a bug, on what is gone it does nothing", () => {
    const allocator = createFair();
    addFramework(allocator, "a", ["*"]);
    allocator.addAgent({ id: agent("S0"), total: resources(1, 128) }, new Map());
    const [offer] = allocator.allocate(0);
    expect(() => {
      allocator.recoverResources(
        framework("a"),
        agent("S0"),
        resources(2, 128).allocate("*"),
        undefined,
      );
    }).toThrow("gives back no more than it holds");
    allocator.removeAgent(agent("S0"));
    giveBack(allocator, offer!);
    allocator.removeFramework(framework("a"));
    giveBack(allocator, offer!);
    expect(allocator.allocate(1)).toEqual([]);
  });
});

function createFair(): FairAllocator {
  return new FairAllocator({
    minAllocatable: minAllocatableDefault,
    fairnessExcluded: [],
    createSorter: (total) => new DrfSorter(total),
    walkLengthMax: 2,
  });
}
