import type { Growth, GrowthPoint } from "./growth.ts";
import { percentile, type Figure } from "./measure.ts";
import { median, medianAndSpread, readable } from "./medians.ts";
import { descendantsOf, runMs } from "./run-time.ts";
import { backendsOf, vipAt, type VipWorld } from "./vip-world.ts";

/** Ascending: the last is what the figures are of, and stays. */
const sizes = [1000, 10_000, 30_000] as const;
const [, , mostVips] = sizes;
const runs = 5;
/** Changes of one run. */
const changes = { some: 100, most: 500 } as const;
const repairPatienceMs = 60_000;
const limits = { changeMs: 25, loadMs: 10_000, repairMs: 12_000 } as const;

/** What one run over so many VIPs took. */
interface ChangeRun {
  /** All of them in one transaction. */
  readonly loadMs: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Processor time of this process for one change. */
  readonly nodeMs: number;
  /** That of nft for one, in which the kernel makes the change. */
  readonly nftMs: number;
}

/** How long changes of VIPs take among few and many: five runs of each size, each from the beginning. The last stays. */
export async function vipChanges(
  world: VipWorld,
): Promise<{ readonly figures: readonly Figure[]; readonly growths: readonly Growth[] }> {
  const change: GrowthPoint[] = [];
  const load: GrowthPoint[] = [];
  let most: readonly ChangeRun[] = [];
  const repairsMs: number[] = [];
  for (const size of sizes) {
    const taken: ChangeRun[] = [];
    for (let run = 0; run < runs; run += 1) {
      await world.begin();
      taken.push(await changeRun(world, size));
      if (size === mostVips) repairsMs.push(await repaired(world));
    }
    change.push({ size, cost: median(taken.map(({ p50Ms }) => p50Ms)) });
    load.push({ size, cost: median(taken.map(({ loadMs }) => loadMs)) });
    most = taken;
  }
  return {
    figures: figuresOf(most, repairsMs),
    growths: [
      {
        name: "vip-change",
        title: "One change of a VIP",
        sizeOf: "VIPs",
        costOf: "ms until the kernel holds it, median of five runs",
        series: [{ name: "a change", points: change }],
        targets: [{ size: mostVips, cost: limits.changeMs }],
      },
      {
        name: "vip-load",
        title: "All VIPs in one transaction",
        sizeOf: "VIPs",
        costOf: "ms until the kernel holds them, median of five runs",
        series: [{ name: "all of them", points: load }],
        targets: [{ size: mostVips, cost: limits.loadMs }],
      },
    ],
  };
}

/** What is measured here, for the page. */
export const vipChangesMethod =
  `${readable(mostVips)} VIPs, half with one backend and half with two (255,000 slots), in one network namespace, backends in ` +
  `another, joined by a bridge. ${runs} runs, each with a new load balancer and an empty table: all VIPs at once, then ${changes.most} changes of one VIP, ` +
  "each awaited until the kernel holds it, then the whole ruleset flushed by somebody else; median and spread of the runs. " +
  `The plots: the same with fewer VIPs and ${changes.some} changes.`;

function figuresOf(runsOfMost: readonly ChangeRun[], repairsMs: readonly number[]): Figure[] {
  const of = (pick: (run: ChangeRun) => number): readonly number[] => runsOfMost.map(pick);
  const [p50, p99] = [of(({ p50Ms }) => p50Ms), of(({ p99Ms }) => p99Ms)];
  const [node, nft] = [of(({ nodeMs }) => nodeMs), of(({ nftMs }) => nftMs)];
  const loads = of(({ loadMs }) => loadMs);
  const seconds = (ms: readonly number[]): readonly number[] => ms.map((each) => each / 1000);
  return [
    {
      name: `a change among ${readable(mostVips)} VIPs`,
      target: `p99 ≤ ${limits.changeMs} ms`,
      measured: `p50 ${medianAndSpread(p50, "ms")}, p99 ${medianAndSpread(p99, "ms")}; processor time of each ${medianAndSpread(node, "ms")} in Node, ${medianAndSpread(nft, "ms")} in nft and the kernel`,
      reached: median(p99) <= limits.changeMs,
    },
    {
      name: `all ${readable(mostVips)} VIPs in one transaction`,
      target: `≤ ${limits.loadMs / 1000} s`,
      measured: medianAndSpread(seconds(loads), "s"),
      reached: median(loads) <= limits.loadMs,
    },
    {
      name: "all of them again after `nft flush ruleset` by somebody else",
      target: `≤ ${limits.repairMs / 1000} s`,
      measured: medianAndSpread(seconds(repairsMs), "s"),
      reached: median(repairsMs) <= limits.repairMs,
    },
  ];
}

async function changeRun(world: VipWorld, size: number): Promise<ChangeRun> {
  const put = Array.from({ length: size }, (_u, index) =>
    vipAt(index, backendsOf(world, index % 900, 1 + (index % 2))),
  );
  const loadMs = await took(() => world.l4lb.apply({ remove: [], put }));
  const count = size === mostVips ? changes.most : changes.some;
  const samples: number[] = [];
  const nft = descendantsOf(process.pid).flatMap(({ comm, pid }) => (comm === "nft" ? [pid] : []));
  const [cpu, nftBefore] = [process.cpuUsage(), runMs(nft)];
  for (let turn = 0; turn < count; turn += 1) {
    const to = backendsOf(world, turn % 900, 1 + (turn % 5));
    const one = [vipAt((turn * 37) % size, to)];
    samples.push(await took(() => world.l4lb.apply({ remove: [], put: one })));
  }
  const { user, system } = process.cpuUsage(cpu);
  return {
    loadMs,
    p50Ms: percentile(samples, 0.5),
    p99Ms: percentile(samples, 0.99),
    nodeMs: (user + system) / 1000 / count,
    nftMs: (runMs(nft) - nftBefore) / count,
  };
}

async function took(what: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await what();
  return performance.now() - start;
}

/** From the flush until the kernel has the tables again. */
async function repaired({ here }: VipWorld): Promise<number> {
  here.run(["nft", "flush", "ruleset"]);
  const start = performance.now();
  while (performance.now() - start < repairPatienceMs) {
    if (here.run(["nft", "-t", "list", "ruleset"]).includes("slots_16")) break;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return performance.now() - start;
}
