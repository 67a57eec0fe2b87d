import { createSeededRandom } from "@tutti/testkit";
import type { SeededRandom } from "@tutti/testkit";
import { factKey } from "@tutti/discovery-v1";
import type { Fact, VipFact } from "@tutti/discovery-v1";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { taskFact, vipFact } from "../testing/facts.ts";
import { ModelTables } from "../testing/model-tables.ts";
import { parseAddress, parsePrefix } from "./addresses.ts";
import type { Address, Prefix } from "./addresses.ts";
import { flowId } from "./departures.ts";
import type { Flow } from "./departures.ts";
import { L4lbMachine } from "./l4lb-machine.ts";
import type { L4lbEffect, L4lbEvent, Round } from "./events.ts";
import type { L4lbConfig } from "./l4lb-machine.ts";
import { limits } from "./limits.ts";
import { slotCountOf } from "./slots.ts";

function prefix(text: string): Prefix {
  const value = parsePrefix(text);
  if (value === undefined) throw new Error(text);
  return value;
}

function address(text: string): Address {
  const value = parseAddress(text);
  if (value === undefined) throw new Error(text);
  return value;
}

const config: L4lbConfig = {
  families: [4, 6],
  ranges: ["11.0.0.0/8", "fd01:c::/64"].map((text) => ({ text, prefix: prefix(text) })),
  onLink: [prefix("10.1.0.0/16")],
  taken: [
    { address: address("10.1.9.9"), what: "this machine" },
    { address: address("2001:db8::53"), what: "a DNS server" },
  ],
};

/** A kernel, a clock and those who wait, around one machine. */
class World {
  readonly machine = new L4lbMachine(config);
  readonly tables = new ModelTables();
  readonly random: SeededRandom;
  readonly reports: string[] = [];
  readonly cuts: string[] = [];
  readonly truth = new Map<string, Fact>();
  routes: readonly string[] = [];
  nowMs = 0;
  changes = 0;
  released = 0;
  /** The newest change that is said to be in the kernel. */
  held = 0;
  wakeAtMs: number | undefined;
  round: Round | undefined;
  /** Cuts that are under way, a list for each round. */
  cutting: (readonly Flow[])[] = [];

  constructor(seed: number) {
    this.random = createSeededRandom(seed);
  }

  tell(event: L4lbEvent): void {
    const env = { monoMs: this.nowMs, wallMs: this.nowMs, random: this.random };
    const ready = this.machine.step(event, env);
    this.wakeAtMs = ready.wakeAtMonoMs;
    for (const effect of ready.afterPersist) this.perform(effect);
  }

  perform(effect: L4lbEffect): void {
    if (effect.type === "report") this.reports.push(effect.line);
    if (effect.type === "release") {
      this.released = Math.max(this.released, effect.number);
      if (effect.isHeld) this.held = Math.max(this.held, effect.number);
    }
    if (effect.type !== "carryOutRound") return;
    expect(this.round, "one round at a time").toBeUndefined();
    this.round = effect.round;
  }

  change(put: readonly Fact[], remove: readonly string[] = []): void {
    for (const key of remove) this.truth.delete(key);
    for (const fact of put) this.truth.set(factKey(fact), fact);
    this.changes += 1;
    this.tell({ type: "tableChanged", number: this.changes, change: { put, remove } });
  }

  /** The kernel takes the round, or refuses it with some of it done, as a start over must expect. */
  finish(isTaken: boolean): void {
    const round = this.round;
    if (round === undefined) return;
    this.round = undefined;
    if (!isTaken) {
      this.tell({ type: "roundFailed", reason: "Device or resource busy" });
      return;
    }
    this.tables.take(round.transactions);
    for (const { vip, backend } of [...round.cuts, ...this.cutting.flat()]) {
      const slots = this.tables.backendsOf(`${vip.address} . ${vip.protocol} . ${vip.port}`) ?? [];
      expect(slots, "what is cut is no backend").not.toContain(backend);
    }
    if (round.routes !== undefined) this.routes = round.routes;
    for (const { vip, backend } of round.cuts) this.cuts.push(`${vip.address} > ${backend}`);
    if (round.cuts.length > 0) this.cutting.push(round.cuts);
    this.tell({ type: "roundDone" });
  }

  finishCuts(): void {
    const flows = this.cutting.shift();
    if (flows !== undefined) this.tell({ type: "cutsDone", flows });
  }

  settle(): void {
    for (let turn = 0; turn < 200; turn++) {
      if (this.round !== undefined) this.finish(true);
      else if (this.cutting.length > 0) this.finishCuts();
      else if (this.wakeAtMs === undefined) return;
      else {
        this.nowMs = Math.max(this.nowMs, this.wakeAtMs);
        this.tell({ type: "wake" });
      }
    }
    throw new Error("it does not come to rest");
  }

  vips(): readonly VipFact[] {
    return [...this.truth.values()].filter((fact) => fact.kind === "vip");
  }

  expectTruth(): void {
    const vips = this.vips();
    for (const fact of vips) {
      const slots = this.tables.backendsOf(`${fact.address} . ${fact.protocol} . ${fact.port}`);
      expect(slots?.length ?? 0).toBe(slotCountOf(fact.backends.length));
      const wanted = new Set(fact.backends.map(({ address, port }) => `${address} . ${port}`));
      expect(new Set(slots ?? [])).toEqual(wanted);
    }
    const live = vips.filter((fact) => fact.backends.length > 0);
    expect(this.tables.vips.size).toBe(live.length);
    expect(this.tables.slots.size).toBe(
      live.reduce((sum, fact) => sum + slotCountOf(fact.backends.length), 0),
    );
    const own = new Set(
      vips.map((fact) => fact.address).filter((address) => address.startsWith("7.")),
    );
    expect(new Set(this.routes)).toEqual(own);
    expect(this.tables.owned).toEqual(new Set([...own, "11.0.0.0/8", "fd01:c::/64"]));
    const idle = vips.filter((f) => f.address.startsWith("10.1.") && f.backends.length === 0);
    expect(this.tables.idle.size).toBe(idle.length);
  }
}

const addresses = ["11.0.0.1", "11.0.0.2", "7.7.7.7", "7.7.7.8", "10.1.2.3", "fd01:c::5"];

function someVip(random: SeededRandom): VipFact {
  const address = random.pick(addresses);
  const to = address.includes(":") ? "fd00::" : "10.1.0.";
  const count = random.pick([0, 1, 1, 2, 3, 5, 9, 20, 66]);
  const from = Math.floor(random.between(1, 30));
  const backends = Array.from({ length: count }, (_u, i) => [`${to}${from + i}`, 8080] as const);
  const port = random.pick([80, 81, 443]);
  return vipFact(address, port, backends, { protocol: random.pick(["tcp", "udp"]) });
}

function act(world: World): void {
  const { random } = world;
  const what = random.between(0, 10);
  if (what < 5) world.change([someVip(random)]);
  else if (what < 6) {
    const fact = world.vips()[Math.floor(random.between(0, world.vips().length))];
    if (fact !== undefined) world.change([], [factKey(fact)]);
  } else if (what < 8.5) world.finish(random.chance(0.8));
  else if (what < 8.8) world.finishCuts();
  else if (what < 9) world.tell({ type: "disturbed", reason: "flushed" });
  else if (what < 9.3) {
    world.round = undefined;
    world.tell({ type: "unavailable", reason: "no nft" });
  } else {
    world.nowMs += random.between(0, 4000);
    world.tell({ type: "available" });
  }
}

describe("rounds", () => {
  it("[LB5] whatever happens on the way, at rest the kernel holds the truth and nobody waits", () => {
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const world = new World(seed);
        world.change([]);
        for (let step = 0; step < 60; step++) act(world);
        world.tell({ type: "available" });
        world.settle();
        world.expectTruth();
        expect(world.released).toBe(world.changes);
        expect(world.held).toBe(world.changes);
      }),
      { numRuns: 150 },
    );
  });

  it("[LB19] nothing happens before the first change: what an earlier process left goes on", () => {
    const world = new World(1);
    world.tell({ type: "available" });
    world.tell({ type: "disturbed", reason: "flushed" });
    expect(world.round).toBeUndefined();
    world.change([vipFact("11.0.0.1", 80, [["10.1.0.2", 1]])]);
    expect(world.round?.whole).toBe(true);
  });

  it("[LB4] a change of one backend among three touches the slots of its VIP only", () => {
    const world = new World(1);
    const others = Array.from({ length: 50 }, (_u, i) =>
      vipFact(`11.1.0.${i}`, 80, [["10.1.0.2", 1]]),
    );
    const three = vipFact("11.0.0.1", 80, [
      ["10.1.0.2", 1],
      ["10.1.0.3", 1],
      ["10.1.0.4", 1],
    ]);
    world.change([...others, three]);
    world.settle();
    const before = world.tables.touched;
    world.change([
      vipFact("11.0.0.1", 80, [
        ["10.1.0.2", 1],
        ["10.1.0.3", 1],
        ["10.1.0.5", 1],
      ]),
    ]);
    world.settle();
    expect(world.tables.touched - before).toBe(16);
    world.expectTruth();
  });

  it("[LB20] where VIPs are not available it says so once, and nobody waits", () => {
    const world = new World(1);
    world.tell({ type: "unavailable", reason: "there is no `nft` here." });
    world.change([vipFact("11.0.0.1", 80, [["10.1.0.2", 1]])]);
    world.tell({ type: "unavailable", reason: "there is no `nft` here." });
    expect(world.released).toBe(1);
    expect(world.held).toBe(0);
    expect(world.reports).toEqual(["Virtual IPs are not served: there is no `nft` here."]);
    world.tell({ type: "available" });
    world.settle();
    world.expectTruth();
  });

  it("[LB21] what the kernel refuses is tried again, later each time; those who wait go after 5 s", () => {
    const world = new World(1);
    world.change([vipFact("11.0.0.1", 80, [["10.1.0.2", 1]])]);
    const waits: number[] = [];
    for (let turn = 0; turn < 12 && waits.length < 6; turn++) {
      if (world.round !== undefined) {
        world.finish(false);
        continue;
      }
      const beganMs = world.nowMs;
      while (world.round === undefined) {
        world.nowMs = world.wakeAtMs ?? world.nowMs;
        world.tell({ type: "wake" });
      }
      waits.push(world.nowMs - beganMs);
      if (world.nowMs < 5000) expect(world.released).toBe(0);
      else expect(world.released).toBe(1);
    }
    expect(waits).toEqual([1000, 2000, 4000, 8000, 16_000, 30_000]);
    expect(world.held, "nobody is told that the kernel holds it").toBe(0);
    world.settle();
    expect(world.held).toBe(1);
    world.expectTruth();
  });

  it("[LB21] after 5 s of refusals VIPs are said not to be served, also while a round is under way", () => {
    const world = new World(1);
    world.change([vipFact("11.0.0.1", 80, [["10.1.0.2", 1]])]);
    world.settle();
    world.change([vipFact("11.0.0.1", 80, [["10.1.0.3", 1]])]);
    world.finish(false);
    world.nowMs += 1000;
    world.tell({ type: "wake" });
    expect(world.round).toBeDefined();
    expect(world.machine.status().available).toBe(true);
    world.nowMs = world.wakeAtMs ?? 0;
    world.tell({ type: "wake" });
    expect(world.nowMs).toBe(limits.refusedWaitMsMax);
    expect([world.released, world.held]).toEqual([2, 1]);
    expect(world.machine.status()).toMatchObject({
      available: false,
      reason: "the kernel refuses them: Device or resource busy",
    });
    world.finish(true);
    expect(world.held).toBe(2);
    expect(world.machine.status().available).toBe(true);
  });

  it("[LB15] a disturbance whose repair is refused is told once, and is one repair when it is done", () => {
    const world = new World(1);
    world.change([vipFact("11.0.0.1", 80, [["10.1.0.2", 1]])]);
    world.settle();
    for (const until = world.nowMs + 45_000; world.nowMs < until; world.nowMs += 1000) {
      world.tell({ type: "disturbed", reason: "flushed" });
      world.finish(false);
    }
    const lines = world.reports.filter((line) => line.startsWith("Somebody else"));
    expect(lines).toHaveLength(1);
    expect(world.machine.status().repairCount).toBe(0);
    world.settle();
    expect(world.machine.status().repairCount).toBe(1);
    world.expectTruth();
    world.tell({ type: "disturbed", reason: "flushed" });
    expect(world.reports.filter((line) => line.startsWith("Somebody else"))).toHaveLength(2);
  });

  it("[LB15] who is disturbed again and again repairs once a second", () => {
    const world = new World(1);
    world.change([vipFact("11.0.0.1", 80, [["10.1.0.2", 1]])]);
    world.settle();
    let rounds = 0;
    for (; world.nowMs < 10_000; world.nowMs += 10) {
      world.tell({ type: "disturbed", reason: "flushed" });
      if (world.round !== undefined) rounds += 1;
      world.finish(true);
    }
    expect(rounds).toBeLessThanOrEqual(11);
    expect(rounds).toBeGreaterThanOrEqual(9);
  });

  it("[LB22] facts that are no addresses never reach the kernel's language", () => {
    const world = new World(1);
    const evil = "11.0.0.1 . tcp . 80 } ; flush ruleset ; add element ip t s { 1.1.1.1";
    world.change([
      vipFact(evil, 80, [["10.1.0.2", 1]]),
      vipFact("11.0.0.1", 70_000, []),
      vipFact("11.0.0.2", 80, [
        [evil, 1],
        ["10.1.0.2", 0],
        ["fd00::1", 80],
        ["10.1.0.3", 80],
      ]),
    ]);
    world.settle();
    expect([...world.tables.vips.keys()]).toEqual(["11.0.0.2 . tcp . 80"]);
    expect(world.tables.backendsOf("11.0.0.2 . tcp . 80")).toEqual(["10.1.0.3 . 80"]);
    expect(world.reports).toHaveLength(2);
  });
});

describe("addresses that are taken", () => {
  it("[LB26] a VIP at the machine's own address or a DNS server's is not served, and that is said once", () => {
    const world = new World(1);
    const to = [["10.1.0.2", 80]] as const;
    const [own, dns] = [vipFact("10.1.9.9", 22, to), vipFact("2001:db8:0::53", 53, [])];
    world.change([own, dns, vipFact("10.1.9.8", 22, to)]);
    world.change([own]);
    world.settle();
    expect([...world.tables.vips.keys()]).toEqual(["10.1.9.8 . tcp . 22"]);
    expect(world.routes).toEqual([]);
    const refused = new Map([
      [factKey(own), "this machine"],
      [factKey(dns), "a DNS server"],
    ]);
    expect(world.machine.refused).toEqual(refused);
    expect(world.machine.status().refusedVipCount).toBe(2);
    expect(world.reports).toHaveLength(2);
    world.change([], [factKey(own), factKey(dns)]);
    expect(world.machine.status().refusedVipCount).toBe(0);
  });

  it("[LB22] IPv6 addresses that hold an IPv4 one have no one spelling, and are none", () => {
    const world = new World(1);
    for (const text of ["::ffff:102:304", "::102:304", "::1", "::"])
      world.change([vipFact(text, 80, [["fd00::1", 80]])]);
    world.change([vipFact("fd01:c::1", 80, [["::ffff:102:304", 80]])]);
    world.settle();
    expect(world.tables.vips.size).toBe(0);
    expect(world.reports).toHaveLength(4);
  });
});

describe("what becomes of connections", () => {
  const [a, b] = [["10.1.0.2", 80] as const, ["10.1.0.3", 80] as const];

  it("[LB13] a backend that leaves while its task runs keeps its connections until the task goes", () => {
    const world = new World(1);
    world.change([taskFact(...a), taskFact(...b), vipFact("11.0.0.1", 80, [a, b])]);
    world.change([vipFact("11.0.0.1", 80, [b])]);
    world.settle();
    expect(world.machine.status().drainingCount).toBe(1);
    expect(world.cuts).toEqual([]);
    world.change([], [factKey(taskFact(...a))]);
    world.settle();
    expect(world.cuts).toEqual(["11.0.0.1 > 10.1.0.2 . 80"]);
  });

  it("[LB14] backend and task gone in one change, in whatever order: cut once, by the round that removes it", () => {
    const world = new World(1);
    world.change([taskFact(...a), taskFact(...b), vipFact("11.0.0.1", 80, [a, b])]);
    world.settle();
    world.change([vipFact("11.0.0.1", 80, [b])], [factKey(taskFact(...a))]);
    world.settle();
    expect(world.cuts).toEqual(["11.0.0.1 > 10.1.0.2 . 80"]);
  });

  it("[LB14] a backend that comes back before it is cut keeps its connections", () => {
    const world = new World(1);
    world.change([taskFact(...a), vipFact("11.0.0.1", 80, [a])]);
    // The first round is still under way.
    world.change([vipFact("11.0.0.1", 80, [])], [factKey(taskFact(...a))]);
    world.change([taskFact(...a), vipFact("11.0.0.1", 80, [a])]);
    world.settle();
    expect(world.cuts).toEqual([]);
  });

  it("[LB14] a backend that comes back while it is cut waits for that; other VIPs do not", () => {
    const world = new World(1);
    world.change([vipFact("11.0.0.1", 80, [a])]);
    world.settle();
    world.change([vipFact("11.0.0.1", 80, [])]);
    world.finish(true);
    world.change([vipFact("11.0.0.2", 80, [a])]);
    expect(world.round).toBeDefined();
    world.finish(true);
    world.change([vipFact("11.0.0.1", 80, [a])]);
    expect(world.round).toBeUndefined();
    world.finishCuts();
    expect(world.round).toBeDefined();
    world.settle();
    world.expectTruth();
  });

  it("[LB14] a backend that comes back waits for its own cut, not for those of others that go on coming", () => {
    const world = new World(1);
    world.change([vipFact("11.0.0.1", 80, [a, b]), vipFact("11.0.0.2", 80, [a, b])]);
    world.settle();
    world.change([vipFact("11.0.0.1", 80, [b])]);
    world.finish(true);
    world.change([vipFact("11.0.0.2", 80, [b])]);
    world.finish(true);
    expect(world.cutting).toHaveLength(2);
    world.change([vipFact("11.0.0.1", 80, [a, b])]);
    expect(world.round).toBeUndefined();
    world.finishCuts();
    expect(world.round).toBeDefined();
    world.settle();
    world.expectTruth();
  });

  it("[LB14] a backend that comes back and leaves again while it is cut is cut again, and waits for both", () => {
    const world = new World(1);
    world.change([vipFact("11.0.0.1", 80, [a, b])]);
    world.settle();
    world.change([vipFact("11.0.0.1", 80, [b])]);
    world.finish(true);
    world.change([vipFact("11.0.0.1", 80, [a, b])]);
    world.change([vipFact("11.0.0.1", 80, [b])]);
    world.finish(true);
    expect(world.cutting.flat().map(({ vip, backend }) => flowId(vip, backend))).toHaveLength(2);
    world.change([vipFact("11.0.0.1", 80, [a, b])]);
    world.finishCuts();
    expect(world.round).toBeUndefined();
    world.finishCuts();
    expect(world.round).toBeDefined();
    world.settle();
    world.expectTruth();
  });

  it("[LB14] cuts of a round that was refused are made by the next", () => {
    const world = new World(1);
    world.change([vipFact("11.0.0.1", 80, [a, b])]);
    world.settle();
    world.change([vipFact("11.0.0.1", 80, [b])]);
    world.finish(false);
    world.settle();
    expect(world.cuts).toEqual(["11.0.0.1 > 10.1.0.2 . 80"]);
  });

  it("[LB14] a backend that comes back while the round that cuts it is refused keeps its connections", () => {
    const world = new World(1);
    world.change([vipFact("11.0.0.1", 80, [a, b])]);
    world.settle();
    world.change([vipFact("11.0.0.1", 80, [b])]);
    world.change([vipFact("11.0.0.1", 80, [a, b])]);
    world.finish(false);
    world.settle();
    expect(world.cuts).toEqual([]);
    world.expectTruth();
  });

  it("[LB14] a backend that comes back after the round that cuts it was refused keeps its connections", () => {
    const world = new World(1);
    world.change([vipFact("11.0.0.1", 80, [a, b])]);
    world.settle();
    world.change([vipFact("11.0.0.1", 80, [b])]);
    world.finish(false);
    world.change([vipFact("11.0.0.1", 80, [a, b])]);
    world.settle();
    expect(world.cuts).toEqual([]);
  });

  it("[LB25] cuts that wait have a bound while VIPs are unavailable; the newest are kept, and it is said once", () => {
    const world = new World(1);
    const vip = (index: number, to: readonly (readonly [string, number])[]): VipFact =>
      vipFact(`11.0.${index >> 8}.${index & 255}`, 80, to);
    const count = limits.cutsWaitingMax + 100;
    world.change(Array.from({ length: count }, (_u, index) => vip(index, [a])));
    world.settle();
    world.tell({ type: "unavailable", reason: "no nft" });
    for (let index = 0; index < count; index++) world.change([vip(index, [b])]);
    world.tell({ type: "available" });
    world.settle();
    expect(world.cuts).toHaveLength(limits.cutsWaitingMax);
    expect(world.cuts.at(-1)).toContain(vip(count - 1, []).address);
    expect(world.reports.filter((line) => line.includes("wait to be cut"))).toHaveLength(1);
    expect(world.machine.status().cutsLostCount).toBe(100);
  });

  it("[LB9] a UDP backend that leaves is cut at once", () => {
    const world = new World(1);
    const udp = { protocol: "udp" } as const;
    world.change([taskFact(...a), taskFact(...b), vipFact("11.0.0.1", 53, [a, b], udp)]);
    world.change([vipFact("11.0.0.1", 53, [b], udp)]);
    world.settle();
    expect(world.cuts).toEqual(["11.0.0.1 > 10.1.0.2 . 80"]);
  });
});
