import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as rest } from "node:timers/promises";
import { eventually } from "@tutti/e2e";
import { startDaemons, type Daemons } from "./daemons.ts";
import type { GrowthPoint } from "./growth.ts";
import { pssKb, type BenchReport, type Figure } from "./measure.ts";
import { median, medianAndSpread, readable } from "./medians.ts";
import { BenchScheduler, type BenchOffer } from "./scheduler.ts";

const tasksAtOnce = 200;
const supervisedTasks = 50;
/** Tasks launched at once in each run, and how long they are left alone before memory is read; in this order. */
const sizes = [
  { tasks: supervisedTasks, restMs: 20_000 },
  { tasks: 25, restMs: 0 },
  { tasks: 100, restMs: 10_000 },
  { tasks: tasksAtOnce, restMs: 15_000 },
] as const;
const runs = 5;
/** In the last run with `supervisedTasks` memory is read once more, so long after the start. */
const longRestMs = 60_000;
const leastPerSecond = 40;
const agentMbMax = 60;
const perTaskMbMax = 1.5;
const patienceMs = 60_000;

/** What one run of so many tasks took and held. */
interface ContainerRun {
  /** From the call to the last of them that runs: of the first that the agent ever had, and of as many after those. */
  readonly launchMs: number;
  readonly againMs?: number;
  readonly agentMb: number;
  /** Of the processes that watch over a task, and what the agent grew by since it had had none, for each task. */
  readonly perTaskMb: number;
  readonly watchersOfTask: number;
}

/** How fast one agent starts containers, and what it costs to watch over them. */
export async function benchContainers(): Promise<BenchReport> {
  const taken = new Map<number, readonly ContainerRun[]>();
  let supervisedLong: ContainerRun | undefined;
  for (const { tasks, restMs } of sizes) {
    const ofSize: ContainerRun[] = [];
    for (let run = 0; run < runs; run += 1) {
      const isLong = tasks === supervisedTasks && run === runs - 1;
      const { first, last } = await onNewAgent(tasks, isLong ? [restMs, longRestMs] : [restMs]);
      ofSize.push(first);
      if (isLong) supervisedLong = last;
    }
    taken.set(tasks, ofSize);
  }
  return reportOf(taken, supervisedLong);
}

/**
 * Launches so many tasks at once on an agent that has had none; reads what is held so long after, once for each rest;
 * ends them, and launches as many again.
 */
async function onNewAgent(
  tasks: number,
  restsMs: readonly number[],
): Promise<{ readonly first: ContainerRun; readonly last: ContainerRun }> {
  const daemons = await startDaemons({
    resources: "cpus:64;mem:65536;disk:100000;ports:[31000-32000]",
    containerizer: {},
  });
  const hands = new TaskHands(daemons.masterUrl, daemons.secret);
  try {
    await hands.subscribe();
    const agentKb = pssKb(daemons.agentPid);
    const launchMs = await hands.launch(tasks);
    const read: ContainerRun[] = [];
    let restedMs = 0;
    for (const restMs of restsMs) {
      await rest(restMs - restedMs);
      restedMs = restMs;
      read.push(held(daemons, tasks, { launchMs, agentKb }));
    }
    await hands.killAll();
    const againMs = await hands.launch(tasks);
    const [first, last] = [read[0], read.at(-1)];
    if (first === undefined || last === undefined) throw new Error("nothing was read");
    return { first: { ...first, againMs }, last };
  } finally {
    await hands.killAll();
    hands.close();
    await daemons.stop();
  }
}

/** What is held while so many tasks run; `agentKb` is what the agent held when it had had none. */
function held(
  { dir, agentPid, masterPid }: Daemons,
  tasks: number,
  { launchMs, agentKb }: { readonly launchMs: number; readonly agentKb: number },
): ContainerRun {
  const watchers = watchersOf(dir).filter((pid) => pid !== agentPid && pid !== masterPid);
  const watchersKb = watchers.reduce((sum, pid) => sum + pssKb(pid), 0);
  const agentNowKb = pssKb(agentPid);
  return {
    launchMs,
    agentMb: agentNowKb / 1024,
    perTaskMb: (watchersKb + agentNowKb - agentKb) / 1024 / tasks,
    watchersOfTask: watchers.length / tasks,
  };
}

function reportOf(
  taken: ReadonlyMap<number, readonly ContainerRun[]>,
  supervisedLong: ContainerRun | undefined,
): BenchReport {
  const of = (tasks: number, pick: (run: ContainerRun) => number): readonly number[] =>
    (taken.get(tasks) ?? []).map(pick);
  const points = (pick: (run: ContainerRun) => number, isRested: boolean): GrowthPoint[] =>
    sizes
      .filter(({ restMs }) => !isRested || restMs > 0)
      .map(({ tasks }) => ({ size: tasks, cost: median(of(tasks, pick)) }))
      .toSorted((a, b) => a.size - b.size);
  const rate = (ms: number): number => (tasksAtOnce / ms) * 1000;
  const rates = of(tasksAtOnce, ({ againMs }) => rate(againMs ?? Number.NaN));
  const firstRates = of(tasksAtOnce, ({ launchMs }) => rate(launchMs));
  const perTask = of(supervisedTasks, ({ perTaskMb }) => perTaskMb);
  const [supervised, full] = sizes.filter(
    ({ tasks }) => tasks === supervisedTasks || tasks === tasksAtOnce,
  );
  const watchers = median(of(supervisedTasks, ({ watchersOfTask }) => watchersOfTask));
  return {
    title: "Containers on one agent",
    method: `One master and one agent with 64 cpus to offer, containers as on this machine; command tasks \`sleep 1000\` with 0.1 cpu and 32 MB, all of a run in one ACCEPT, ${String(runs)} runs of each size, each on an agent that has had no task before: median and spread. At once: from the call to the last TASK_RUNNING at the scheduler; of as many tasks again on the same agent, whose programs are compiled by then, and of its first. Supervision: \`Pss\` of every process that came with ${String(supervisedTasks)} tasks but the tasks' own, and what the agent grew by since it had had none, ${String((supervised?.restMs ?? 0) / 1000)} s after the start, in the last run once more after ${String(longRestMs / 1000)} s; the agent itself ${String((full?.restMs ?? 0) / 1000)} s after the start of ${String(tasksAtOnce)}.`,
    figures: [
      atLeast(`${String(tasksAtOnce)} tasks at once`, leastPerSecond, rates),
      {
        name: `${String(tasksAtOnce)} tasks at once, the first of an agent that has just begun`,
        target: "",
        measured: medianAndSpread(firstRates, "tasks/s"),
        reached: true,
      },
      {
        name: `supervision of a task (${watchers.toFixed(1)} processes)`,
        target: `≤ ${String(perTaskMbMax)} MB Pss`,
        measured: `${medianAndSpread(perTask, "MB Pss")}; after ${String(longRestMs / 1000)} s ${readable(supervisedLong?.perTaskMb ?? Number.NaN)}`,
        reached: median(perTask) <= perTaskMbMax,
      },
      {
        name: `agent with ${String(tasksAtOnce)} tasks`,
        target: `≤ ${String(agentMbMax)} MB Pss`,
        measured: medianAndSpread(
          of(tasksAtOnce, ({ agentMb }) => agentMb),
          "MB Pss",
        ),
        reached: median(of(tasksAtOnce, ({ agentMb }) => agentMb)) <= agentMbMax,
      },
    ],
    growths: [
      {
        name: "containers",
        title: "Containers launched at once on one agent",
        sizeOf: "tasks in one ACCEPT",
        costOf: "ms until the last of them runs, median of five runs",
        series: [
          {
            name: "launched at once",
            points: points(({ againMs }) => againMs ?? Number.NaN, false),
          },
        ],
        targets: [{ size: tasksAtOnce, cost: (tasksAtOnce / leastPerSecond) * 1000 }],
      },
      {
        name: "agent-memory",
        title: "Memory of an agent",
        sizeOf: "tasks",
        costOf: "MB Pss of the agent's process, median of five runs",
        series: [
          { name: "with so many containers", points: points(({ agentMb }) => agentMb, true) },
        ],
        targets: [{ size: tasksAtOnce, cost: agentMbMax }],
      },
    ],
  };
}

function atLeast(name: string, least: number, rates: readonly number[]): Figure {
  return {
    name,
    target: `≥ ${String(least)} tasks/s`,
    measured: medianAndSpread(rates, "tasks/s"),
    reached: median(rates) >= least,
  };
}

/** Launches tasks and ends them, and knows how they are. */
class TaskHands {
  readonly #scheduler: BenchScheduler;
  #offers: BenchOffer[] = [];
  readonly #states = new Map<string, string>();
  #launched = 0;

  constructor(masterUrl: string, secret: string) {
    this.#scheduler = new BenchScheduler(masterUrl, secret);
    this.#scheduler.onOffers = (offers) => this.#offers.push(...offers);
    this.#scheduler.onRescind = (id) => {
      this.#offers = this.#offers.filter((offer) => offer.id.value !== id);
    };
    this.#scheduler.onStatus = ({ task_id: { value: taskId }, state, message }) => {
      this.#states.set(taskId, state);
      if (!["TASK_STARTING", "TASK_RUNNING", "TASK_KILLING", "TASK_KILLED"].includes(state))
        throw new Error(`${taskId}: ${state} ${message ?? ""}`);
    };
  }

  async subscribe(): Promise<void> {
    await this.#scheduler.subscribe();
  }

  /** Launches so many in one call; resolves with the milliseconds until the last of them runs. */
  async launch(count: number): Promise<number> {
    await eventually("an offer", patienceMs, () => this.#offers[0]);
    const offers = this.#offers.splice(0);
    const taskIds = Array.from({ length: count }, () => `bench-${String(this.#launched++)}`);
    const start = performance.now();
    await this.#scheduler.launch(offers, ...taskIds);
    await this.#until(taskIds, "TASK_RUNNING");
    return performance.now() - start;
  }

  /** Ends every task that runs; resolves when all have ended. */
  async killAll(): Promise<void> {
    const running = [...this.#states].flatMap(([id, state]) =>
      state === "TASK_KILLED" ? [] : [id],
    );
    for (const taskId of running) await this.#scheduler.kill(taskId);
    await this.#until(running, "TASK_KILLED");
  }

  close(): void {
    this.#scheduler.close();
  }

  async #until(taskIds: readonly string[], wanted: string): Promise<void> {
    await eventually(`all tasks are ${wanted}`, patienceMs, () => {
      if (this.#scheduler.failure !== undefined) throw this.#scheduler.failure as Error;
      return taskIds.every((id) => this.#states.get(id) === wanted) ? true : undefined;
    });
  }
}

/**
 * The processes that watch over tasks: those that have the agent's runtime directory in their command line, and the
 * first process of each container, which is their child.
 */
function watchersOf(runtimeDir: string): readonly number[] {
  const processes = readdirSync("/proc").flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    try {
      const commandLine = readFileSync(`/proc/${name}/cmdline`, "utf8");
      const [, comm = "", parent = ""] =
        /\((.*)\) \S (\d+)/s.exec(readFileSync(`/proc/${name}/stat`, "utf8")) ?? [];
      return [{ pid: Number(name), commandLine, comm, parent: Number(parent) }];
    } catch {
      return [];
    }
  });
  const outside = processes.filter(({ commandLine }) => commandLine.includes(runtimeDir));
  const pids = new Set(outside.map(({ pid }) => pid));
  const inside = processes.filter(({ comm, parent }) => comm === "tini" && pids.has(parent));
  return [...outside, ...inside].map(({ pid }) => pid);
}
