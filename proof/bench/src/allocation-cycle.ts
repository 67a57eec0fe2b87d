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
const roleCounts = [1, 100] as const;

/** One cycle of the allocator, when every agent has something to offer and every framework wants it. */
export async function benchAllocationCycle(): Promise<BenchReport> {
  const figures: Figure[] = [];
  const series: { name: string; points: GrowthPoint[] }[] = [];
  for (const roles of roleCounts) {
    const name = roles === 1 ? "one role" : `${String(roles)} weighted roles`;
    const points: GrowthPoint[] = [];
    for (const { agents, frameworks, targetMs } of sizes) {
      const runs = await inOwnProcess("allocationCycles", {
        agents,
        frameworks,
        roles,
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
      "The allocator alone, agents × frameworks. The worst cycle there is: all resources of all agents are free and every agent has to be looked at, every framework wants offers; each agent is offered whole to somebody. Between the cycles every offer is refused for good, so that each cycle has more filters to mind. On are filters, weights (1 to 5) and DRF over roles, then over the frameworks of a role; not on, because the allocator does not have them yet: quota, and sharing among the children of a role (roles of two levels, as here, share side by side). Median of 8 cycles after 5 others in a process of its own; median and spread of five processes. Beside it the slowest cycle and the very first one, when nothing is compiled.",
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
