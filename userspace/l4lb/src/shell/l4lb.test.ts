import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { factKey } from "@tutti/discovery-v1";
import type { Fact, VipFact } from "@tutti/discovery-v1";
import { startHttpServer } from "@tutti/http";
import { createSeededRandom } from "@tutti/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { slotCountOf, tableSeals } from "../core/index.ts";
import { openL4lb } from "../index.ts";
import type { L4lb } from "../index.ts";
import { taskFact, vipFact } from "../testing/facts.ts";
import { TestNetwork } from "../testing/namespaces.ts";
import type { Peer, TestMachine } from "../testing/namespaces.ts";
import { l4lbStands } from "./standing.ts";
import { NftSession } from "./nft-session.ts";

const put = (...facts: readonly Fact[]): { remove: string[]; put: Fact[] } => ({
  remove: [],
  put: [...facts],
});

async function until(what: () => Promise<boolean> | boolean, withinMs: number): Promise<number> {
  const startMs = performance.now();
  while (performance.now() - startMs < withinMs) {
    if (await what()) return performance.now() - startMs;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`not within ${withinMs} ms`);
}

describe("virtual IPs in the kernel", () => {
  let network: TestNetwork;
  let here: TestMachine;
  let there: TestMachine;
  let client: Peer;
  let server: Peer;
  let l4lb: L4lb;
  const reports: string[] = [];

  beforeAll(async () => {
    network = new TestNetwork("a");
    here = network.machine();
    there = network.machine();
    client = here.peer();
    server = there.peer();
    const ports = Array.from({ length: 60 }, (_unused, index) => 9000 + index);
    await server.ask({ do: "listen", address: there.address, ports });
    await server.ask({ do: "listen", address: there.addressV6, ports: [8000, 8001] });
    await server.ask({ do: "listenUdp", address: there.address, ports: [5000, 5001, 5002] });
    await client.ask({ do: "listen", address: "0.0.0.0", ports: [7777] });
    l4lb = await openL4lb({
      machineAddress: here.address,
      nameServers: ["10.97.7.7"],
      routers: ["10.97.0.254"],
      commandPrefix: here.prefix,
      compareMs: 1000,
      report: (line) => reports.push(line),
    });
  });

  afterAll(async () => {
    await l4lb?.close();
    network?.close();
  });

  const tries = async (address: string, port: number, count = 1) =>
    (await client.ask({ do: "connect", address, port, count, atOnce: 4 })).counts;

  it("[LB5] a change that is applied is in force when the promise resolves", async () => {
    await l4lb.apply(put(vipFact("11.0.0.1", 80, [[there.address, 9000]])));
    expect(await tries("11.0.0.1", 80, 8)).toEqual({ [`9000 ${here.address}`]: 8 });
    expect(l4lb.status()).toEqual({ available: true });
  });

  it.each([1, 2, 3, 50])("[LB2] %i backends get the same share of connections", async (count) => {
    const backends = Array.from({ length: count }, (_u, i) => [there.address, 9000 + i] as const);
    await l4lb.apply(put(vipFact("11.0.0.2", 80, backends)));
    const rounds = count * 32;
    const counts = Object.values(await tries("11.0.0.2", 80, rounds));
    expect(counts).toHaveLength(count);
    expect((Math.max(...counts) - Math.min(...counts)) / 32).toBeLessThanOrEqual(0.05);
  });

  it("[LB6] a VIP without backends, and any other address of the range, refuses at once", async () => {
    await l4lb.apply(put(vipFact("11.0.0.3", 80, [])));
    for (const [address, port] of [
      ["11.0.0.3", 80],
      ["11.0.0.1", 81],
      ["11.9.9.9", 9000],
    ] as const) {
      const { counts, tookMs } = await client.ask({
        do: "connect",
        address,
        port,
        count: 1,
        atOnce: 1,
      });
      expect(counts).toEqual({ ECONNREFUSED: 1 });
      expect(tookMs).toBeLessThan(1000);
    }
    const udp = await client.ask({
      do: "send",
      name: "x",
      address: "11.0.0.3",
      port: 80,
      count: 1,
    });
    expect(udp.counts).toEqual({ EPERM: 1 });
  });

  it("[LB7] a local service on all addresses is never reached through a VIP's address", async () => {
    expect(await tries("11.5.5.5", 7777)).toEqual({ ECONNREFUSED: 1 });
    expect(await tries(here.address, 7777)).toEqual({ [`7777 ${here.address}`]: 1 });
  });

  it("[LB5] what nft is told leaves no file behind, and what it refuses is told", async () => {
    const [before, own] = [process.env["TMPDIR"], mkdtempSync(join(tmpdir(), "l4lb-test-"))];
    process.env["TMPDIR"] = own;
    const session = new NftSession(here.prefix);
    try {
      await session.run("add table ip cleaned\n");
      expect(readdirSync(own)).toEqual([]);
      await session.run("delete table ip cleaned\n");
      await expect(session.run("delete table ip cleaned\n")).rejects.toThrow("No such file");
      expect(await session.refuses(tableSeals("tutti_vip", [4, 6]))).toBe(true);
    } finally {
      session.close();
      if (before === undefined) delete process.env["TMPDIR"];
      else process.env["TMPDIR"] = before;
      rmSync(own, { recursive: true });
    }
  });

  it("[LB8] a backend on the machine itself is reached from it", async () => {
    await l4lb.apply(put(vipFact("11.0.0.4", 80, [[here.address, 7777]])));
    expect(await tries("11.0.0.4", 80, 3)).toEqual({ [`7777 ${here.address}`]: 3 });
  });

  it("[LB9] UDP: answered, moved to another backend at once, refused without one", async () => {
    const udp = (port: number) =>
      vipFact("11.0.0.5", 53, [[there.address, port]], { protocol: "udp" });
    const send = (count: number) =>
      client.ask({ do: "send", name: "same", address: "11.0.0.5", port: 53, count });
    await l4lb.apply(put(taskFact(there.address, 5000), taskFact(there.address, 5001), udp(5000)));
    expect((await send(3)).counts).toEqual({ [`5000 ${here.address}`]: 3 });
    await l4lb.apply(put(udp(5001)));
    await until(
      async () => Object.keys((await send(1)).counts)[0]?.startsWith("5001") === true,
      3000,
    );
  });

  it("[LB10] IPv6 VIPs, named and by address", async () => {
    const to = [
      [there.addressV6, 8000],
      [there.addressV6, 8001],
    ] as const;
    await l4lb.apply(put(vipFact("fd01:c::1", 80, to), vipFact("fd55::7", 80, to)));
    for (const address of ["fd01:c::1", "fd55::7"]) {
      expect(await tries(address, 80, 16)).toEqual({
        [`8000 ${here.addressV6}`]: 8,
        [`8001 ${here.addressV6}`]: 8,
      });
      expect(await tries(address, 81)).toEqual({ ECONNREFUSED: 1 });
    }
  });

  it("[LB11] an IP VIP leads here while it is there; other ports of its address are refused", async () => {
    const fact = vipFact("1.2.3.4", 5000, [[there.address, 9000]]);
    expect(Object.keys(await tries("1.2.3.4", 5000))).toEqual(["ENETUNREACH"]);
    await l4lb.apply(put(fact));
    expect(await tries("1.2.3.4", 5000)).toEqual({ [`9000 ${here.address}`]: 1 });
    expect(await tries("1.2.3.4", 22)).toEqual({ ECONNREFUSED: 1 });
    await l4lb.apply({ remove: [factKey(fact)], put: [] });
    expect(Object.keys(await tries("1.2.3.4", 5000))).toEqual(["ENETUNREACH"]);
  });

  it("[LB12] an IP VIP on an address of the own link takes its port and no other", async () => {
    const fact = vipFact(there.address, 4000, [[there.address, 9001]]);
    await l4lb.apply(put(fact));
    expect(await tries(there.address, 4000)).toEqual({ [`9001 ${here.address}`]: 1 });
    expect(await tries(there.address, 9000)).toEqual({ [`9000 ${here.address}`]: 1 });
    await l4lb.apply(put({ ...fact, backends: [] }));
    expect(await tries(there.address, 4000)).toEqual({ ECONNREFUSED: 1 });
    await l4lb.apply({ remove: [factKey(fact)], put: [] });
  });

  it("[LB27] several VIPs lead to one backend, and two ports under one name to two, over both families", async () => {
    const [first, second] = [[there.address, 9000] as const, [there.address, 9001] as const];
    const six = [there.addressV6, 8000] as const;
    const name = { names: ["two.marathon"] };
    const vips = [
      vipFact("11.0.3.1", 80, [first], name),
      vipFact("11.0.3.1", 81, [second], name),
      vipFact("11.0.3.2", 80, [first]),
      vipFact("7.7.7.7", 80, [first]),
      vipFact("fd01:c::3:1", 80, [six], name),
    ];
    await l4lb.apply(put(...vips));
    const heard = async (address: string, port: number) =>
      Object.keys(await tries(address, port, 2));
    for (const address of ["11.0.3.1", "11.0.3.2", "7.7.7.7"])
      expect(await heard(address, 80)).toEqual([`9000 ${here.address}`]);
    expect(await heard("11.0.3.1", 81)).toEqual([`9001 ${here.address}`]);
    expect(await heard("fd01:c::3:1", 80)).toEqual([`8000 ${here.addressV6}`]);
    // One of them goes: the others stay.
    const gone = factKey(vipFact("11.0.3.1", 80, []));
    await l4lb.apply({ remove: [gone], put: [] });
    expect(await heard("11.0.3.1", 80)).toEqual(["ECONNREFUSED"]);
    expect(await heard("11.0.3.1", 81)).toEqual([`9001 ${here.address}`]);
    expect(await heard("11.0.3.2", 80)).toEqual([`9000 ${here.address}`]);
    await l4lb.apply({ remove: vips.map(factKey), put: [] });
  });

  it("[LB8] [LB9] [LB10] who serves reaches himself through his own VIP: TCP and UDP, over both families", async () => {
    await client.ask({ do: "listen", address: here.addressV6, ports: [7778] });
    await client.ask({ do: "listenUdp", address: here.address, ports: [7779] });
    await client.ask({ do: "listenUdp", address: here.addressV6, ports: [7780] });
    const udp = { protocol: "udp" } as const;
    const vips = [
      vipFact("11.0.4.1", 80, [[here.address, 7777]]),
      vipFact("fd01:c::4:1", 80, [[here.addressV6, 7778]]),
      vipFact("11.0.4.1", 53, [[here.address, 7779]], udp),
      vipFact("fd01:c::4:1", 53, [[here.addressV6, 7780]], udp),
    ];
    await l4lb.apply(put(...vips));
    expect(await tries("11.0.4.1", 80, 2)).toEqual({ [`7777 ${here.address}`]: 2 });
    expect(await tries("fd01:c::4:1", 80, 2)).toEqual({ [`7778 ${here.addressV6}`]: 2 });
    const send = async (name: string, address: string) =>
      (await client.ask({ do: "send", name, address, port: 53, count: 2 })).counts;
    expect(await send("own4", "11.0.4.1")).toEqual({ [`7779 ${here.address}`]: 2 });
    expect(await send("own6", "fd01:c::4:1")).toEqual({ [`7780 ${here.addressV6}`]: 2 });
    await l4lb.apply({ remove: vips.map(factKey), put: [] });
  });

  it("[LB9] [LB10] UDP over IPv6: shared by all backends, moved at once, refused without one", async () => {
    await server.ask({ do: "listenUdp", address: there.addressV6, ports: [5003, 5004] });
    const fact = (...ports: number[]): VipFact => {
      const to = ports.map((port) => [there.addressV6, port] as const);
      return vipFact("fd01:c::5", 53, to, { protocol: "udp" });
    };
    const send = async (name: string, count: number) =>
      (await client.ask({ do: "send", name, address: "fd01:c::5", port: 53, count })).counts;
    await l4lb.apply(put(fact(5003, 5004)));
    const heard = new Set<string>();
    for (const name of ["u1", "u2", "u3", "u4"])
      for (const key of Object.keys(await send(name, 1))) heard.add(key.split(" ")[0] ?? "");
    expect(heard).toEqual(new Set(["5003", "5004"]));
    await l4lb.apply(put(fact(5004)));
    await until(async () => {
      const counts = await Promise.all(["u1", "u2"].map((name) => send(name, 1)));
      return counts.every((one) => Object.keys(one)[0]?.startsWith("5004") === true);
    }, 5000);
    await l4lb.apply(put(fact()));
    expect(Object.keys(await send("u9", 1))).toEqual(["EPERM"]);
    await l4lb.apply({ remove: [factKey(fact())], put: [] });
  });

  it("[LB26] a VIP at an address of the machine itself changes nothing there", async () => {
    const before = here.run(["ip", "-4", "route", "show", "table", "all"]);
    const own = vipFact(here.address, 7777, [[there.address, 9000]]);
    const dns = vipFact("10.97.7.7", 53, [[there.address, 9000]]);
    const router = vipFact("10.97.0.254", 80, [[there.address, 9000]]);
    await l4lb.apply(put(own, dns, router));
    expect(await tries(here.address, 7777)).toEqual({ [`7777 ${here.address}`]: 1 });
    expect(here.run(["ip", "-4", "route", "show", "table", "all"])).toBe(before);
    expect(reports.filter((line) => line.includes("is not served on this machine"))).toHaveLength(
      3,
    );
    expect(reports.join("\n")).toContain("it is the address of a router of its network.");
    expect(l4lb.metrics()).toContain("l4lb_refused_vips 3\n");
    await l4lb.apply({ remove: [own, dns, router].map(factKey), put: [] });
  });

  it("[LB13] connections outlive the removal of their backend and of their VIP", async () => {
    const fact = vipFact("11.0.0.6", 80, [[there.address, 9002]]);
    await l4lb.apply(put(taskFact(there.address, 9002), fact));
    await client.ask({ do: "open", name: "kept", address: "11.0.0.6", port: 80 });
    await l4lb.apply(put({ ...fact, backends: [] }));
    expect(await tries("11.0.0.6", 80)).toEqual({ ECONNREFUSED: 1 });
    const talk = await client.ask({ do: "talk", name: "kept", text: "still here" });
    expect(talk.counts).toEqual({ "still here": 1 });
    await l4lb.apply({ remove: [factKey(fact)], put: [] });
    const again = await client.ask({ do: "talk", name: "kept", text: "and here" });
    expect(again.counts).toEqual({ "and here": 1 });
  });

  it("[LB14] connections to a backend whose task is gone are cut, and no others", async () => {
    const lost = vipFact("11.0.0.7", 80, [[there.address, 9003]]);
    await l4lb.apply(put(taskFact(there.address, 9003), lost));
    await client.ask({ do: "open", name: "lost", address: "11.0.0.7", port: 80 });
    await client.ask({ do: "open", name: "other", address: "11.0.0.1", port: 80 });
    await l4lb.apply(put({ ...lost, backends: [] }));
    await l4lb.apply({ remove: [factKey(taskFact(there.address, 9003))], put: [] });
    await until(
      async () => !(await client.ask({ do: "talk", name: "lost", text: "?" })).counts["?"],
      3000,
    );
    const other = await client.ask({ do: "talk", name: "other", text: "fine" });
    expect(other.counts).toEqual({ fine: 1 });
  });

  it("[LB15] who is left alone is not repaired", () => {
    expect(reports.filter((line) => line.includes("Somebody else"))).toEqual([]);
  });

  it("[LB15] tables that somebody else flushes are there again at once", async () => {
    expect(await tries("11.0.0.1", 80)).toEqual({ [`9000 ${here.address}`]: 1 });
    here.run(["nft", "flush", "ruleset"]);
    await until(async () => (await tries("11.0.0.1", 80))[`9000 ${here.address}`] === 1, 10_000);
    expect(reports.at(-1)).toContain("Somebody else changed");
  });

  it("[LB15] lost routes and lost elements are found by comparison", async () => {
    const isBack = async () => (await tries("11.0.0.1", 80))[`9000 ${here.address}`] === 1;
    here.run(["ip", "route", "del", "11.0.0.0/8", "proto", "84"]);
    await until(
      () => here.run(["ip", "route", "show", "proto", "84"]).includes("11.0.0.0/8"),
      40_000,
    );
    await l4lb.apply(put(vipFact("11.0.6.1", 80, [[there.address, 9000]])));
    here.run(["nft", "delete", "element", "ip", "tutti_vip", "vips_1", "{ 11.0.0.1 . tcp . 80 }"]);
    // Elements are compared the less often the longer reading takes, as on a machine with other work.
    await until(isBack, 100_000);
  }, 180_000);

  it("[LB15] a rule, a policy or a priority that somebody else changes is made anew, and nothing else is", async () => {
    const both = [9000, 9001].map((port) => [there.address, port] as const);
    // The class of this VIP comes with a change of its own, after the whole tables.
    const vip = vipFact("11.0.5.1", 80, both);
    await l4lb.apply(put(vip));
    const list = (): string => here.run(["nft", "-t", "list", "table", "ip", "tutti_vip"]);
    const handleIn = (chain: string, word: string): string => {
      const text = here.run(["nft", "-a", "list", "chain", "ip", "tutti_vip", chain]);
      const line = text.split("\n").find((each) => each.includes(word)) ?? "";
      return /# handle (\d+)$/.exec(line)?.[1] ?? "none";
    };
    const replace = (chain: string, word: string): void => {
      const at = ["ip", "tutti_vip", chain, "handle", handleIn(chain, word)];
      here.run(["nft", "replace", "rule", ...at, "counter", "drop"]);
    };
    const made = list();
    const repairs = () => reports.filter((line) => line.includes("not as they were made")).length;
    const before = repairs();
    const hookOf = /chain output \{\n\t\ttype nat hook output priority (?:dstnat|-100);/;
    expect(made).toMatch(hookOf);
    const disturbances = [
      () => replace("class_16", "dnat"),
      () => replace("refuse_output", "@owned"),
      () => here.run(["nft", "chain ip tutti_vip postrouting { policy drop; }"]),
      () => here.run(["nft", "add rule ip tutti_vip dispatch drop"]),
      () => here.run(["nft", "add table ip tutti_vip { flags dormant; }"]),
    ];
    for (const disturb of disturbances) {
      disturb();
      expect(list()).not.toBe(made);
      await until(() => !/policy drop|counter|dormant|^\t\tdrop/m.test(list()), 60_000);
      // The round is done, not only its transaction: what the kernel says of it is remembered.
      await l4lb.apply(put(vip));
      expect(Object.keys(await tries("11.0.5.1", 80, 2))).toHaveLength(2);
      expect(await tries(here.address, 7777)).toEqual({ [`7777 ${here.address}`]: 1 });
    }
    expect(repairs() - before).toBeGreaterThanOrEqual(disturbances.length);
    await l4lb.apply({ remove: [factKey(vip)], put: [] });
  }, 240_000);

  it("[LB15] what somebody else does to the sets of owned addresses and of refused ports is undone", async () => {
    const refused = vipFact(there.address, 4001, []);
    const owned = vipFact("1.2.3.5", 80, [[there.address, 9000]]);
    await l4lb.apply(put(refused, owned));
    const set = (name: string): string =>
      here.run(["nft", "list", "set", "ip", "tutti_vip", name]).replaceAll(/\s+/g, " ");
    const [ownedBefore, idleBefore] = [set("owned"), set("idle")];
    expect(idleBefore).toContain(`${there.address} . tcp . 4001`);
    expect(ownedBefore).toContain("1.2.3.5");
    const disturbances = [
      ["delete", "owned", "1.2.3.5"],
      ["add", "owned", "192.0.2.7"],
      ["delete", "idle", `${there.address} . tcp . 4001`],
      ["add", "idle", `${there.address} . tcp . 9000`],
    ] as const;
    for (const [verb, name, element] of disturbances) {
      here.run(["nft", verb, "element", "ip", "tutti_vip", name, `{ ${element} }`]);
      expect(set(name)).not.toBe(name === "owned" ? ownedBefore : idleBefore);
      await until(() => set("owned") === ownedBefore && set("idle") === idleBefore, 300_000);
    }
    expect(reports.at(-1)).toContain("elements are");
    await l4lb.apply({ remove: [factKey(refused), factKey(owned)], put: [] });
  }, 1_300_000);

  it("[LB5] after a thousand random changes the kernel holds the truth", async () => {
    const random = createSeededRandom("l4lb");
    const truth = new Map<string, VipFact>();
    const pending: Promise<unknown>[] = [];
    for (let turn = 0; turn < 1000; turn++) {
      const address = `11.3.0.${Math.floor(random.between(1, 60))}`;
      const count = random.pick([0, 1, 1, 2, 3, 4, 7, 12]);
      const from = Math.floor(random.between(1, 200));
      const to = Array.from({ length: count }, (_u, i) => [`10.98.0.${from + i}`, 80] as const);
      const fact = vipFact(address, 80, to);
      const isRemoval = random.chance(0.1);
      if (isRemoval) truth.delete(factKey(fact));
      else truth.set(factKey(fact), fact);
      const change = isRemoval ? { remove: [factKey(fact)], put: [] } : put(fact);
      pending.push(l4lb.apply(change));
      if (random.chance(0.3)) await pending.at(-1);
    }
    await Promise.all(pending);
    const lines = here.run(["nft", "list", "table", "ip", "tutti_vip"]).split(/[,{}]/);
    const held = lines.map((line) => line.trim()).filter((line) => line.startsWith("11.3."));
    const wanted = [...truth.values()].filter(({ backends }) => backends.length > 0);
    const slotCount = wanted.reduce((sum, fact) => sum + slotCountOf(fact.backends.length), 0);
    // Each VIP once in a set of its class, and each of its slots once in the map.
    expect(held).toHaveLength(wanted.length + slotCount);
    for (const { address, backends } of wanted) {
      const own = held.filter((line) => line.startsWith(`${address} . `));
      const slots = own.filter((line) => line.includes(" : "));
      expect(slots).toHaveLength(slotCountOf(backends.length));
      expect(new Set(slots.map((line) => line.split(" : ")[1]))).toEqual(
        new Set(backends.map((backend) => `${backend.address} . ${backend.port}`)),
      );
    }
    await l4lb.apply({ remove: [...truth.keys()], put: [] });
  }, 180_000);

  it("[LB17] a process that follows takes over without a gap; VIPs it does not know go", async () => {
    const load = client.ask({
      ...{ do: "connect", address: "11.0.0.1", port: 80 },
      ...{ count: 1_000_000, atOnce: 4 },
    });
    await l4lb.close();
    expect(await tries("11.0.0.4", 80)).toEqual({ [`7777 ${here.address}`]: 1 });
    l4lb = await openL4lb({
      machineAddress: here.address,
      commandPrefix: here.prefix,
      compareMs: 1000,
      report: (line) => reports.push(line),
    });
    expect(await tries("11.0.0.4", 80)).toEqual({ [`7777 ${here.address}`]: 1 });
    await l4lb.apply(put(vipFact("11.0.0.1", 80, [[there.address, 9000]])));
    expect(await tries("11.0.0.4", 80)).toEqual({ ECONNREFUSED: 1 });
    await client.ask({ do: "stop" });
    expect(Object.keys((await load).counts)).toEqual([`9000 ${here.address}`]);
  });

  it("[LB23] containers on a bridge: their neighbours, themselves, other machines, refusals", async () => {
    const [one, two] = network.containers(here, 2);
    if (one === undefined || two === undefined) throw new Error("two containers");
    const [first, second] = [one.peer(), two.peer()];
    await second.ask({ do: "listen", address: "0.0.0.0", ports: [9100] });
    await l4lb.apply(
      put(
        vipFact("11.0.1.1", 80, [[two.address, 9100]]),
        vipFact("11.0.1.2", 80, [[there.address, 9000]]),
        vipFact("11.0.1.3", 80, []),
      ),
    );
    const from = async (peer: Peer, address: string) =>
      (await peer.ask({ do: "connect", address, port: 80, count: 2, atOnce: 1 })).counts;
    expect(await from(first, "11.0.1.1")).toEqual({ "9100 172.30.0.1": 2 });
    expect(await from(second, "11.0.1.1")).toEqual({ "9100 172.30.0.1": 2 });
    expect(await from(client, "11.0.1.1")).toEqual({ [`9100 ${here.address}`]: 2 });
    expect(await from(first, "11.0.1.2")).toEqual({ [`9000 ${here.address}`]: 2 });
    expect(await from(first, "11.0.1.3")).toEqual({ ECONNREFUSED: 2 });
    expect(await from(first, "11.7.7.7")).toEqual({ ECONNREFUSED: 2 });
  });

  it("[LB24] /v1/vips as dcos-net answers it, with an ETag; /v1/vips/detail with connections", async () => {
    const to = [there.address, 9005] as const;
    await l4lb.apply(
      put(
        vipFact("11.0.2.1", 80, [to], { names: ["web.marathon"] }),
        vipFact("1.2.3.4", 5000, [to], { protocol: "udp" }),
      ),
    );
    await client.ask({ do: "open", name: "counted", address: "11.0.2.1", port: 80 });
    const server = await startHttpServer({
      host: "127.0.0.1",
      port: 0,
      routes: l4lb.routes,
      onError: (error) => reports.push(String(error)),
    });
    try {
      const get = (path: string, headers: Record<string, string> = {}) =>
        fetch(`${server.url}${path}`, { headers });
      const list = await get("/v1/vips");
      const backend = [{ ip: there.address, port: 9005 }];
      expect(await list.json()).toEqual(
        expect.arrayContaining([
          { vip: "web.marathon.l4lb.thisdcos.directory:80", protocol: "tcp", backend },
          { vip: "1.2.3.4:5000", protocol: "udp", backend },
        ]),
      );
      const tag = list.headers.get("etag") ?? "";
      expect((await get("/v1/vips", { "If-None-Match": tag })).status).toBe(304);
      const detail = (await (await get("/v1/vips/detail")).json()) as {
        readonly available: boolean;
        readonly vips: readonly { readonly address: string }[];
      };
      expect(detail.available).toBe(true);
      expect(detail.vips.find(({ address }) => address === "11.0.2.1")).toEqual({
        address: "11.0.2.1",
        port: 80,
        protocol: "tcp",
        names: ["web.marathon.l4lb.thisdcos.directory"],
        backends: [
          {
            ...{ address: there.address, port: 9005, agentId: "a1", frameworkId: "f1" },
            ...{ taskId: `t-${there.address}-9005`, connections: 1 },
          },
        ],
      });
      expect(l4lb.metrics()).toContain(
        `l4lb_connections{protocol="tcp",vip="11.0.2.1",port="80",backend="${there.address}",backend_port="9005"} 1\n`,
      );
      expect(l4lb.metrics()).toContain("l4lb_available 1\n");
    } finally {
      await server.close();
    }
  });

  it("[LB18] [LB32] removed, nothing is left: no tables, no routes, no device", async () => {
    expect(await l4lbStands({ commandPrefix: here.prefix })).toBe(true);
    await l4lb.close({ remove: true });
    expect(await l4lbStands({ commandPrefix: here.prefix })).toBe(false);
    expect(here.run(["nft", "list", "ruleset"])).not.toContain("tutti_vip");
    expect(here.run(["ip", "route", "show", "proto", "84"])).toBe("");
    expect(here.run(["ip", "-6", "route", "show", "proto", "84"])).toBe("");
    expect(here.run(["ip", "link", "show"])).not.toContain("tutti_vip");
  });
});
