import type { GrowthPoint } from "./growth.ts";
import type { BenchReport, Figure } from "./measure.ts";
import { median, medianAndSpread, readable } from "./medians.ts";
import { inOwnProcess } from "./own-process.ts";
import { throughputOverHttp } from "./throughput-http.ts";

const sizes = [
  { agents: 1000, targetPerSecond: undefined },
  { agents: 10_000, targetPerSecond: 20_000 },
  { agents: 50_000, targetPerSecond: 10_000 },
] as const;
const tasks = 30_000;
const warmUpTasks = 10_000;
/** How long tasks are launched through each codec in each of the five processes. */
const codecSeconds = { protobuf: 12, json: 5 } as const;

/** How many tasks a second the master's core launches. */
export async function benchThroughput(): Promise<BenchReport> {
  const figures: Figure[] = [];
  const series: { name: string; points: GrowthPoint[] }[] = [];
  for (const tasksPerAccept of [10, 1]) {
    const points: GrowthPoint[] = [];
    for (const { agents, targetPerSecond } of sizes) {
      const runs = await inOwnProcess("launchThroughput", {
        agents,
        tasks,
        tasksPerAccept,
        warmUpTasks,
      });
      const rates = runs.map(({ wallMs }) => (tasks / wallMs) * 1000);
      const cpuRates = runs.map(({ cpuMs }) => (tasks / cpuMs) * 1000);
      const rate = medianAndSpread(rates, "tasks/s");
      const cpuRate = medianAndSpread(cpuRates, "for a second of processor");
      points.push({ size: agents, cost: 1e6 / median(rates) });
      figures.push({
        name: `${readable(agents)} agents, ${String(tasksPerAccept)} in one ACCEPT`,
        target: targetPerSecond === undefined ? "" : `≥ ${readable(targetPerSecond)} tasks/s`,
        measured: `${rate}; ${cpuRate}`,
        reached: targetPerSecond === undefined || median(rates) >= targetPerSecond,
      });
    }
    series.push({ name: `${String(tasksPerAccept)} tasks in one ACCEPT`, points });
  }
  for (const codec of ["protobuf", "json"] as const) figures.push(await throughCodec(codec));
  figures.push(await throughputOverHttp());
  return {
    title: "Scheduling throughput",
    method: `The kernel master's core with simulated agents and one scheduler in one process, without sockets, and without codecs but where the row says so. A task counts when the acknowledgement of its TASK_RUNNING has come to its agent: offers, ACCEPT with LAUNCH, the launch to the agent, its update, ACKNOWLEDGE, and that back to the agent, agents and scheduler included in the time. Tasks of 0.1 cpus, 32 MB, one port, 20 environment variables and 5 labels; ${readable(tasks)} of them after ${readable(warmUpTasks)} that are not measured. Median and spread of five processes. Through a codec every message is made into bytes and read again by the code that the master and the agent use, on both ends in this one process: the scheduler's calls and events in what the row names, those of the agents in JSON; ${readable(tasks)} tasks again and again on the same agents until ${String(codecSeconds.protobuf)} s are over (JSON: ${String(codecSeconds.json)} s), so that the five processes make a minute together. Over HTTP a real master in a process of its own, durable (its SQLite on the disk; tasks are no part of what a master keeps there), on the loopback address; agents with a stream and posts of their own and the scheduler (JSON) in one other process on the same two processors: 1,000 agents rather than 5,000, for their process has to share. Median and spread of five masters.`,
    figures,
    growths: [
      {
        name: "throughput",
        title: "Launching one task",
        sizeOf: "agents",
        costOf: "µs of one task, median of five processes",
        series,
        targets: sizes.flatMap(({ agents, targetPerSecond }) =>
          targetPerSecond === undefined ? [] : [{ size: agents, cost: 1e6 / targetPerSecond }],
        ),
      },
    ],
  };
}

/** The same with 10,000 agents and every message through a codec. */
async function throughCodec(codec: keyof typeof codecSeconds): Promise<Figure> {
  const agents = 10_000;
  const targetPerSecond = 20_000;
  const size = { agents, tasks, tasksPerAccept: 10, warmUpTasks };
  const runs = await inOwnProcess("launchThroughput", {
    ...size,
    codec,
    seconds: codecSeconds[codec],
  });
  const rates = runs.map((run) => (run.tasks / run.wallMs) * 1000);
  const cpuRates = runs.map((run) => (run.tasks / run.cpuMs) * 1000);
  const launched = runs.reduce((sum, run) => sum + run.tasks, 0);
  const seconds = runs.reduce((sum, run) => sum + run.wallMs, 0) / 1000;
  const name = codec === "json" ? "JSON" : "Protocol Buffers";
  return {
    name: `${readable(agents)} agents, 10 in one ACCEPT, through ${name}`,
    target: `≥ ${readable(targetPerSecond)} tasks/s`,
    measured: `${medianAndSpread(rates, "tasks/s")}; ${medianAndSpread(cpuRates, "for a second of processor")}; ${readable(launched)} tasks in ${readable(seconds)} s`,
    reached: median(rates) >= targetPerSecond,
  };
}
