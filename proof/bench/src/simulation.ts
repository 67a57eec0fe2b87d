import type { BenchReport } from "./measure.ts";
import { median, medianAndSpread, readable } from "./medians.ts";
import { inOwnProcess } from "./own-process.ts";
import type { SimulationTaken } from "./simulation-workload.ts";

const targetTimes = 1_000;
/** The engine goes on compiling for about so many; a run of 1,000 seeds does not feel them. */
const warmUpSeeds = 24;
const seeds = 32;
/** As `./tutti sim` runs them. */
export const simulationOptions = [
  "--min-semi-space-size=128",
  "--max-semi-space-size=128",
  "--single-threaded-gc",
  "--always-sparkplug",
];

/** How much faster than the real time a simulated cluster under faults runs on one core. */
export async function benchSimulation(): Promise<BenchReport> {
  const runs = await inOwnProcess(
    "simulation",
    { from: warmUpSeeds + 1, count: seeds },
    { nodeOptions: simulationOptions },
  );
  const times = runs.map(({ perCpu }) => perCpu);
  return {
    title: "Simulation",
    method: `A seed is a master, 10 agents and 30 apps for 10 simulated minutes with 24 faults and 120 commands, then the time it takes to become calm; all checkers on, all messages through their JSON in every eighth seed. ${String(seeds)} seeds after ${String(warmUpSeeds)} others in a process of its own, by the processor time of all its threads; median and spread of five processes. ${countsOf(runs[0])}`,
    figures: [
      {
        name: "Simulated time for each second of one core",
        target: `≥ ${readable(targetTimes)} ×`,
        measured: medianAndSpread(times, "×"),
        reached: median(times) >= targetTimes,
      },
      {
        name: "The same by the wall clock",
        target: "—",
        measured: medianAndSpread(
          runs.map(({ perWall }) => perWall),
          "×",
        ),
        reached: true,
      },
      {
        name: `The first ${String(warmUpSeeds)} seeds of a process, with the compiling of its code`,
        target: "—",
        measured: medianAndSpread(
          runs.map(({ warmingPerCpu }) => warmingPerCpu),
          "×",
        ),
        reached: true,
      },
      {
        name: "Seeds that were broken",
        target: "0",
        measured: String(runs.reduce((total, { broken }) => total + broken, 0)),
        reached: runs.every(({ broken }) => broken === 0),
      },
    ],
  };
}

function countsOf(run: SimulationTaken | undefined): string {
  if (run === undefined) return "";
  const each = (count: number): string => readable(count / run.seeds);
  return `In the middle a seed has ${each(run.faults)} faults, ${each(run.commands)} commands, ${each(run.tasks)} tasks and ${each(run.events)} events in ${each(run.simulatedMs / 60_000)} simulated minutes.`;
}
