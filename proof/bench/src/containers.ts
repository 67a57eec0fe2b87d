import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as rest } from "node:timers/promises";
import { eventually } from "@tutti/e2e";
import { startDaemons } from "./daemons.ts";
import type { GrowthPoint } from "./growth.ts";
import { pssKb, type BenchReport, type Figure } from "./measure.ts";
import { median, medianAndSpread, readable } from "./medians.ts";
import { BenchScheduler, type BenchOffer } from "./scheduler.ts";

const tasksAtOnce = 200;
const idleTasks = 50;
/** Smaller numbers of tasks at once, for the plot. */
const fewer = [25, 50, 100] as const;
const runs = 5;
const restMs = 60_000;
const settleMs = 15_000;
const leastPerSecond = 40;
const agentMbMax = 60;
const patienceMs = 60_000;

/** How fast one agent starts containers, and what it costs to watch over them. */
export async function benchContainers(): Promise<BenchReport> {
  const daemons = await startDaemons({
    resources: "cpus:64;mem:65536;disk:100000;ports:[31000-32000]",
    containerizer: {},
  });
  const hands = new TaskHands(daemons.masterUrl, daemons.secret);
  try {
    await hands.subscribe();
    const agentKb = pssKb(daemons.agentPid);
    await hands.launch(idleTasks);
    await rest(restMs);
    const watchers = watchersOf(daemons.dir).filter(
      (pid) => pid !== daemons.agentPid && pid !== daemons.masterPid,
    );
    const grownKb = pssKb(daemons.agentPid) - agentKb;
    const watchersKb = watchers.reduce((sum, pid) => sum + pssKb(pid), 0);
    const memory: GrowthPoint[] = [{ size: idleTasks, cost: pssKb(daemons.agentPid) / 1024 }];
    for (let tasks = 2 * idleTasks; tasks <= tasksAtOnce; tasks += idleTasks) {
      await hands.launch(idleTasks);
      await rest(settleMs);
      memory.push({ size: tasks, cost: pssKb(daemons.agentPid) / 1024 });
    }
    const fullAgentMb = memory.at(-1)?.cost ?? Number.NaN;
    await hands.killAll();
    const times: GrowthPoint[] = [];
    for (const tasks of fewer)
      times.push({ size: tasks, cost: median(await launchTimes(hands, tasks)) });
    const allMs = await launchTimes(hands, tasksAtOnce);
    times.push({ size: tasksAtOnce, cost: median(allMs) });
    const rates = allMs.map((ms) => (tasksAtOnce / ms) * 1000);
    const perTaskMb = (watchersKb + grownKb) / 1024 / idleTasks;
    return {
      title: "Containers on one agent",
      method: `One master and one agent with 64 cpus to offer, containers as on this machine; command tasks \`sleep 1000\` with 0.1 cpu and 32 MB. At once: ${String(tasksAtOnce)} tasks in one ACCEPT, from the call to the last TASK_RUNNING at the scheduler; median and spread of ${String(runs)} runs. Supervision: \`Pss\` of every process that came with ${String(idleTasks)} tasks but the tasks' own, and what the agent grew by, ${String(restMs / 1000)} s after the start; the agent itself ${String(settleMs / 1000)} s after the last of ${String(tasksAtOnce)}.`,
      figures: [
        atLeast(`${String(tasksAtOnce)} tasks at once`, leastPerSecond, rates),
        atMost(
          `supervision of a task (${(watchers.length / idleTasks).toFixed(1)} processes)`,
          "MB Pss",
          { max: 1.5, measured: perTaskMb },
        ),
        atMost(`agent with ${String(tasksAtOnce)} tasks`, "MB Pss", {
          max: agentMbMax,
          measured: fullAgentMb,
        }),
      ],
      growths: [
        {
          name: "containers",
          title: "Containers launched at once on one agent",
          sizeOf: "tasks in one ACCEPT",
          costOf: "ms until the last of them runs, median of five runs",
          series: [{ name: "launched at once", points: times }],
          targets: [{ size: tasksAtOnce, cost: (tasksAtOnce / leastPerSecond) * 1000 }],
        },
        {
          name: "agent-memory",
          title: "Memory of an agent",
          sizeOf: "tasks",
          costOf: "MB Pss of the agent's process",
          series: [{ name: "with so many containers", points: memory }],
          targets: [{ size: tasksAtOnce, cost: agentMbMax }],
        },
      ],
    };
  } finally {
    await hands.killAll();
    hands.close();
    await daemons.stop();
  }
}

/** The milliseconds until so many tasks of one call run, for each of the runs. */
async function launchTimes(hands: TaskHands, tasks: number): Promise<readonly number[]> {
  const times: number[] = [];
  for (let run = 0; run < runs; run += 1) {
    times.push(await hands.launch(tasks));
    await hands.killAll();
  }
  return times;
}

function atLeast(name: string, least: number, rates: readonly number[]): Figure {
  return {
    name,
    target: `≥ ${String(least)} tasks/s`,
    measured: medianAndSpread(rates, "tasks/s"),
    reached: median(rates) >= least,
  };
}

function atMost(
  name: string,
  unit: string,
  { max, measured }: { readonly max: number; readonly measured: number },
): Figure {
  return {
    name,
    target: `≤ ${String(max)} ${unit}`,
    measured: `${readable(measured)} ${unit}`,
    reached: measured <= max,
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
