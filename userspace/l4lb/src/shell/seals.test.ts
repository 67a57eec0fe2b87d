import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openL4lb } from "../index.ts";
import type { L4lb } from "../index.ts";
import { vipFact } from "../testing/facts.ts";
import { TestNetwork } from "../testing/namespaces.ts";
import type { TestMachine } from "../testing/namespaces.ts";

/** Longer than this test: what it finds, the look of each second has found. */
const compareMs = 3_600_000;

describe("tables that somebody flushes", () => {
  let network: TestNetwork;
  let here: TestMachine;
  let l4lb: L4lb;
  const reports: string[] = [];

  beforeAll(async () => {
    network = new TestNetwork("f");
    here = network.machine();
    const report = (line: string): void => void reports.push(line);
    l4lb = await openL4lb({
      ...{ machineAddress: here.address, commandPrefix: here.prefix, compareMs, report },
    });
    const three = [1, 2, 3].map((port) => ["10.9.0.1", port] as const);
    const vips = [
      vipFact("11.0.0.1", 80, three.slice(0, 1)),
      vipFact("11.0.0.2", 80, three),
      vipFact("11.0.0.3", 80, []),
      vipFact("fd01:c::2", 80, [
        ["fd97::7", 1],
        ["fd97::7", 2],
      ]),
    ];
    await l4lb.apply({ remove: [], put: vips });
  });

  afterAll(async () => {
    await l4lb?.close();
    network?.close();
  });

  const tables = (): string =>
    ["ip", "ip6"].map((family) => here.run(["nft", "list", "table", family, "tutti_vip"])).join("");
  const repairs = (): number => Number(/l4lb_repairs_total (\d+)/.exec(l4lb.metrics())?.[1]);

  async function within(ms: number, isSo: () => boolean): Promise<void> {
    const end = performance.now() + ms;
    while (!isSo()) {
      if (performance.now() > end) throw new Error(`not within ${ms} ms`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  it.each<readonly [string, string]>([
    ["table", "ip tutti_vip"],
    ["table", "ip6 tutti_vip"],
    ...["dispatch", "refuse", "prerouting", "output", "refuse_prerouting"].map(chainOf),
    ...["refuse_output", "postrouting", "class_1", "class_24"].map(chainOf),
    ["chain", "ip6 tutti_vip class_16"],
    ["set", "ip tutti_vip owned"],
    ["set", "ip tutti_vip vips_24"],
    ["map", "ip tutti_vip slots_1"],
    ["map", "ip6 tutti_vip slots_16"],
  ])("[LB33] nft flush %s %s is mended by one of the next looks", async (kind, what) => {
    const made = tables();
    const before = repairs();
    here.run(["nft", "flush", kind, ...what.split(" ")]);
    expect(tables()).not.toBe(made);
    // A table by the very next look, one of its parts when its turn comes.
    await within(kind === "table" ? 5000 : 20_000, () => repairs() > before);
    expect(tables()).toBe(made);
    // One disturbance, one repair: nothing of what the looks ask for was done, and nothing else repaired.
    expect(repairs()).toBe(before + 1);
    expect(reports.at(-1)).toContain("flushed");
  });

  function chainOf(name: string): readonly [string, string] {
    return ["chain", `ip tutti_vip ${name}`];
  }
});
