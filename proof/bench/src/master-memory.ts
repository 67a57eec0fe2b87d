import type { BenchReport, Figure } from "./measure.ts";
import type { MemoryTaken } from "./master-memory-workload.ts";
import { median, medianAndSpread, readable } from "./medians.ts";
import { inOwnProcess } from "./own-process.ts";

const agents = 10_000;
const taskCounts = [50_000, 100_000, 200_000, 400_000] as const;
const [fewestTasks] = taskCounts;
const mostTasks = 400_000;
const perTaskMaxBytes = 1000;
const perAgentMaxBytes = 4000;

/** What a master keeps in memory for each agent and each task. A process takes a minute. */
export async function benchMasterMemory(): Promise<BenchReport> {
  const workload = { agents, tasks: taskCounts, hasOwnLabels: false };
  const runs = await inOwnProcess("masterMemory", workload);
  const own = await inOwnProcess("masterMemory", {
    agents,
    tasks: [fewestTasks],
    hasOwnLabels: true,
  });
  const perAgent = runs.map(({ none, withAgents }) => (withAgents - none) / agents);
  const grown = (run: MemoryTaken, index: number): number =>
    (run.withTasks[index] ?? Number.NaN) - run.withAgents;
  const figures: Figure[] = [
    figureOf(
      `one of ${readable(mostTasks)} tasks`,
      perTaskMaxBytes,
      runs.map((run) => grown(run, taskCounts.length - 1) / mostTasks),
    ),
    figureOf(`one agent of ${readable(agents)}`, perAgentMaxBytes, perAgent),
    figureOf(
      `one of ${readable(fewestTasks)} tasks`,
      undefined,
      runs.map((run) => grown(run, 0) / fewestTasks),
    ),
    figureOf(
      `one of ${readable(fewestTasks)} tasks, no two of which have a label in common`,
      undefined,
      own.map((run) => grown(run, 0) / fewestTasks),
    ),
  ];
  return {
    title: "Memory of the master",
    method: `The kernel master's core with ${readable(agents)} simulated agents and one scheduler; whatever passes goes through JSON, so that nothing is shared by accident. Tasks of 0.1 cpus, 32 MB, one port, 20 environment variables and 5 labels, a thousand of each app, all running and acknowledged. \`heapUsed\` + \`external\` after a collection, less what it was before, for each. Median and spread of five processes. At few tasks what each agent needs to have any counts as theirs.`,
    figures,
    growths: [
      {
        name: "master-memory",
        title: "Memory of the master",
        sizeOf: "tasks",
        costOf: "MB above a master without tasks",
        series: [
          {
            name: "tasks of apps of a thousand",
            points: taskCounts.map((size, index) => ({
              size,
              cost: median(runs.map((run) => grown(run, index))) / 1e6,
            })),
          },
        ],
        targets: taskCounts.map((size) => ({ size, cost: (size * perTaskMaxBytes) / 1e6 })),
      },
    ],
  };
}

function figureOf(name: string, maxBytes: number | undefined, samples: readonly number[]): Figure {
  return {
    name,
    target: maxBytes === undefined ? "" : `≤ ${readable(maxBytes)} bytes`,
    measured: medianAndSpread(samples, "bytes"),
    reached: maxBytes === undefined || median(samples) <= maxBytes,
  };
}
