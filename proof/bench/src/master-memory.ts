import type { BenchReport, Figure } from "./measure.ts";
import { median, medianAndSpread, readable } from "./medians.ts";
import { inOwnProcess } from "./own-process.ts";

const agents = 10_000;
const taskCounts = [50_000, 100_000, 200_000, 400_000] as const;
const perTaskMaxBytes = 1000;
const perAgentMaxBytes = 4000;
const ownLabelsTasks = 100_000;

/** What a master keeps in memory for each agent and each task. */
export async function benchMasterMemory(): Promise<BenchReport> {
  const runs = await inOwnProcess(
    "masterMemory",
    { agents, tasks: taskCounts, hasOwnLabels: false },
    3,
  );
  const own = await inOwnProcess(
    "masterMemory",
    { agents, tasks: [ownLabelsTasks], hasOwnLabels: true },
    3,
  );
  const perAgent = runs.map(({ none, withAgents }) => (withAgents - none) / agents);
  const perTask = runs.map(
    ({ withAgents, withTasks }) =>
      ((withTasks.at(-1) ?? Number.NaN) - withAgents) / (taskCounts.at(-1) ?? 0),
  );
  const perOwn = own.map(
    ({ withAgents, withTasks }) => ((withTasks.at(-1) ?? Number.NaN) - withAgents) / ownLabelsTasks,
  );
  const figures: Figure[] = [
    figureOf(`one of ${readable(taskCounts.at(-1) ?? 0)} tasks`, perTaskMaxBytes, perTask),
    figureOf(`one agent of ${readable(agents)}`, perAgentMaxBytes, perAgent),
    figureOf("one task, when no two tasks have a label in common", undefined, perOwn),
  ];
  return {
    title: "Memory of the master",
    method: `The kernel master's core with ${readable(agents)} simulated agents and one scheduler; whatever passes goes through JSON, so that nothing is shared by accident. Tasks of 0.1 cpus, 32 MB, one port, 20 environment variables and 5 labels, a thousand of each app, all running and acknowledged. \`heapUsed\` + \`external\` after a collection, less what it was before, for each. Median and spread of three processes.`,
    figures,
    growths: [
      {
        name: "master-memory",
        title: "Memory of the master",
        sizeOf: "tasks",
        costOf: "MB above a master without tasks, median of three processes",
        series: [
          {
            name: "tasks of apps of a thousand",
            points: taskCounts.map((size, index) => ({
              size,
              cost:
                median(
                  runs.map(
                    ({ withAgents, withTasks }) => (withTasks[index] ?? Number.NaN) - withAgents,
                  ),
                ) / 1e6,
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
