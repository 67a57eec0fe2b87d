import type { CyclesTaken } from "./allocation-cycle-workload.ts";
import type { GrowthPoint } from "./growth.ts";
import type { BenchReport, Figure } from "./measure.ts";
import { median, medianAndSpread, readable, takenText } from "./medians.ts";
import { inOwnProcess } from "./own-process.ts";

const sizes = [
  { agents: 1000, frameworks: 100, targetMs: undefined },
  { agents: 10_000, frameworks: 1000, targetMs: 50 },
  { agents: 20_000, frameworks: 2000, targetMs: 120 },
  { agents: 50_000, frameworks: 6000, targetMs: 400 },
] as const;
const variants = [
  { name: "one role", roles: 1, hasQuota: false },
  { name: "100 weighted roles", roles: 100, hasQuota: false },
  { name: "100 roles, everything on", roles: 100, hasQuota: true },
] as const;

/** One cycle of the allocator, when every agent has something to offer and every framework wants it. */
export async function benchAllocationCycle(): Promise<BenchReport> {
  const figures: Figure[] = [];
  const series: { name: string; points: GrowthPoint[] }[] = [];
  for (const { name, roles, hasQuota } of variants) {
    const points: GrowthPoint[] = [];
    for (const { agents, frameworks, targetMs } of sizes) {
      const runs = await inOwnProcess("allocationCycles", {
        agents,
        frameworks,
        roles,
        hasQuota,
        cycles: 8,
        warmUp: 5,
      });
      points.push({ size: agents, cost: median(runs.map(({ wallMs }) => wallMs)) });
      const size = `${readable(agents)} × ${readable(frameworks)}`;
      figures.push(figureOf(`${size}, ${name}`, targetMs, runs));
    }
    series.push({ name, points });
  }
  return {
    title: "Allocation cycle",
    method:
      "The allocator alone, agents × frameworks. The worst cycle there is: all resources of all agents are free and every agent has to be looked at, every framework wants offers; each agent is offered whole to somebody. Between the cycles every offer is refused for good, so that each cycle has more filters to mind. On are filters, weights (1 to 5) and DRF over the tree of roles (of two levels), then over the frameworks of a role; with everything on, roles of one to three levels and quota: of ten roles of the top level seven are guaranteed 6 % of the cluster and may have 14 %, and below four of them five each are guaranteed 1 % and may have 4 %, so that the offers of a round satisfy all guarantees and reach most limits, and agents are cut. Median of 8 cycles after 5 others in a process of its own; median and spread of five processes. Beside it the slowest cycle and the very first one, when nothing is compiled.",
    figures,
    growths: [
      {
        name: "allocation-cycle",
        title: "One allocation cycle",
        sizeOf: "agents (frameworks: a tenth)",
        costOf: "ms, median of five processes",
        series,
        targets: sizes.flatMap(({ agents, targetMs }) =>
          targetMs === undefined ? [] : [{ size: agents, cost: targetMs }],
        ),
      },
    ],
  };
}

function figureOf(
  name: string,
  targetMs: number | undefined,
  runs: readonly CyclesTaken[],
): Figure {
  const slowest = medianAndSpread(
    runs.map(({ slowestMs }) => slowestMs),
    "ms",
  );
  const first = medianAndSpread(
    runs.map(({ firstMs }) => firstMs),
    "ms",
  );
  return {
    name,
    target: targetMs === undefined ? "" : `≤ ${String(targetMs)} ms`,
    measured: `${takenText(runs)}; slowest ${slowest}, first ${first}`,
    reached: targetMs === undefined || median(runs.map(({ wallMs }) => wallMs)) <= targetMs,
  };
}
