import type { GrowthPoint } from "./growth.ts";
import type { BenchReport, Figure } from "./measure.ts";
import { counted, median, medianAndSpread, readable } from "./medians.ts";
import { inOwnProcess } from "./own-process.ts";
import type { ScaleUpTaken } from "./scale-up-workload.ts";
import { simulationOptions } from "./simulation.ts";

const agents = 500;
const instances = 50_000;
/** For the plot. */
const fewerInstances = [5000, 15_000] as const;
const deaths = [
  { node: "marathon", atInstances: instances / 5 },
  { node: "agent7", atInstances: (2 * instances) / 5 },
  { node: "master1", atInstances: (3 * instances) / 5 },
];

/** One app from ten to 50,000 instances, and how many of them are killed: none may be. */
export async function benchScaleUp(): Promise<BenchReport> {
  const options = { nodeOptions: simulationOptions };
  const points: GrowthPoint[] = [];
  const costOf = (runs: readonly ScaleUpTaken[]): number =>
    median(runs.map(({ cpuMs }) => cpuMs / 1000));
  for (const size of fewerInstances) {
    const runs = await inOwnProcess("scaleUpApp", { agents, instances: size, deaths: [] }, options);
    points.push({ size, cost: costOf(runs) });
  }
  const calm = await inOwnProcess("scaleUpApp", { agents, instances, deaths: [] }, options);
  points.push({ size: instances, cost: costOf(calm) });
  const once = { ...options, runs: 1 };
  const troubled = await inOwnProcess("scaleUpApp", { agents, instances, deaths }, once);
  return {
    title: "Scaling one app to 50,000 instances",
    method: `A simulated cluster of a master, Marathon and ${String(agents)} agents, all of them the real cores; one command scales an app from 10 to ${counted(instances)} instances, then a quarter of an hour of rest follows. All checkers of the simulation are on, and at the end Marathon's records, the master and the machines agree. A kill is any signal to a container, any end of one, and any instance that was started and that Marathon wants killed or forgets. Five processes without faults, median and spread; one, for kills are counted and not timed, in which Marathon, an agent and the master are killed when a fifth, two fifths and three fifths of the instances run, and start again 5 s later. The plot: fewer instances on as many agents.`,
    figures: [...figuresOf("without faults", calm), ...figuresOf("three processes die", troubled)],
    growths: [
      {
        name: "scale-up",
        title: "Scaling one simulated app",
        sizeOf: "instances",
        costOf: "s of processor for all of it, median of five",
        series: [{ name: "without faults", points }],
        targets: [],
      },
    ],
  };
}

function figuresOf(name: string, runs: readonly ScaleUpTaken[]): Figure[] {
  const kills = runs.reduce((sum, run) => sum + run.killed + run.decommissioned, 0);
  const started = Math.min(...runs.map((run) => run.started));
  const settledS = runs.map(({ settledAfterMs }) => settledAfterMs / 1000);
  const rates = runs.map(({ cpuMs }) => (instances / cpuMs) * 1000);
  const secondsOf = (part: "cpuMs" | "wallMs"): string =>
    told(
      runs.map((run) => run[part] / 1000),
      "s",
    );
  return [
    {
      name: `Wrong kills, ${name}`,
      target: "0",
      measured: `${String(kills)} of ${counted(started)} that were started`,
      reached: kills === 0 && started === instances,
    },
    {
      name: `Simulated time until all is as it is wanted, ${name}`,
      target: "",
      measured: told(settledS, "s"),
      reached: true,
    },
    {
      name: `All of it, ${name}`,
      target: "",
      measured: `${secondsOf("cpuMs")} of processor, ${secondsOf("wallMs")} by the wall clock; ${told(rates, "launches")} for a second of processor`,
      reached: true,
    },
  ];
}

/** One number of one run, the median and spread of several. */
function told(samples: readonly number[], unit: string): string {
  return samples.length === 1
    ? `${readable(median(samples))} ${unit}`
    : medianAndSpread(samples, unit);
}
