import { setTimeout as rest } from "node:timers/promises";
import type { SeededRandom } from "@tutti/testkit";
import { host, type ProcessStatus, type TestCluster } from "../cluster.ts";
import { movingApp, steadyApp } from "./app-load.ts";
import { liveContainers } from "./containers.ts";
import type { ChaosJournal } from "./journal.ts";
import type { OpenFaults } from "./open-faults.ts";

/** Between two faults. */
const pauseMs = { min: 500, max: 4_000 };
/** How long a process stands still, and a machine is cut off: below the time after which an agent counts as lost. */
const stoppedMs = { min: 500, max: 20_000 };
const cutMs = { min: 500, max: 25_000 };
/** Processes of a machine that are hurt; keepers and launchers end with those they keep. */
const victims = new Set(["master", "services", "agent", "node"]);

/** Hurts processes, machines and tasks at random, and mends what does not mend itself. */
export class FaultMaker {
  readonly #cluster: TestCluster;
  readonly #clusterId: string;
  readonly #random: SeededRandom;
  readonly #journal: ChaosJournal;
  readonly #open: OpenFaults;

  constructor(
    cluster: TestCluster,
    how: {
      readonly clusterId: string;
      readonly random: SeededRandom;
      readonly journal: ChaosJournal;
      readonly open: OpenFaults;
    },
  ) {
    this.#cluster = cluster;
    this.#clusterId = how.clusterId;
    this.#random = how.random;
    this.#journal = how.journal;
    this.#open = how.open;
  }

  /** Makes faults until `signal` says stop, then mends everything. */
  async run(signal: AbortSignal): Promise<void> {
    const mending: Promise<void>[] = [];
    try {
      while (!signal.aborted) {
        await this.#fault(signal, mending);
        const pause = this.#random.between(pauseMs.min, pauseMs.max);
        await rest(pause, undefined, { signal }).catch(() => undefined);
      }
    } finally {
      await this.#open.mendAll();
      await Promise.all(mending);
    }
  }

  async #fault(signal: AbortSignal, mending: Promise<void>[]): Promise<void> {
    const draw = this.#random.below(10);
    if (draw < 3) await this.#killProcess();
    else if (draw < 6) await this.#stopProcess(signal, mending);
    else if (draw < 8) await this.#cut(signal, mending);
    else this.#killTask();
  }

  async #process(): Promise<{ readonly name: string; readonly pid: number } | undefined> {
    const processes = (await this.#cluster.status()).machines.flatMap((machine) =>
      machine.processes
        .filter((process: ProcessStatus) => victims.has(process.name) && process.pid > 0)
        .map((process) => ({ name: `${machine.name}/${process.name}`, pid: process.pid })),
    );
    const free = processes.filter(({ name }) => this.#open.isFree(name));
    return free.length === 0 ? undefined : this.#random.pick(free);
  }

  async #killProcess(): Promise<void> {
    const victim = await this.#process();
    if (victim === undefined || !signalled(victim.pid, "SIGKILL")) return;
    this.#journal.count(`${kindOf(victim.name)} killed`, `kill -9 ${victim.name}`);
  }

  async #stopProcess(signal: AbortSignal, mending: Promise<void>[]): Promise<void> {
    const victim = await this.#process();
    if (victim === undefined || !signalled(victim.pid, "SIGSTOP")) return;
    const forMs = this.#random.between(stoppedMs.min, stoppedMs.max);
    this.#journal.count(
      `${kindOf(victim.name)} stopped`,
      `stopped ${victim.name} for ${(forMs / 1000).toFixed(1)} s`,
    );
    mending.push(
      this.#open.mendLater(victim.name, forMs, signal, () => {
        signalled(victim.pid, "SIGCONT");
        return Promise.resolve();
      }),
    );
  }

  async #cut(signal: AbortSignal, mending: Promise<void>[]): Promise<void> {
    const machines = [...this.#cluster.up.masters, ...this.#cluster.up.agents];
    const index = this.#random.below(machines.length);
    const name = machines[index]?.name ?? "";
    const forMs = this.#random.between(cutMs.min, cutMs.max);
    if (!this.#open.isFree(name)) return;
    const cable = `tt${this.#clusterId}-${String(index)}`;
    await host("ip", "link", "set", cable, "down");
    this.#journal.count("machines cut off", `cut off ${name} for ${(forMs / 1000).toFixed(1)} s`);
    mending.push(
      this.#open.mendLater(name, forMs, signal, async () => {
        await host("ip", "link", "set", cable, "up");
      }),
    );
  }

  #killTask(): void {
    const tasks = liveContainers(this.#clusterId).filter(
      ({ appId }) => !["", steadyApp.id, movingApp.id].includes(appId),
    );
    if (tasks.length === 0) return;
    const task = this.#random.pick(tasks);
    if (!signalled(task.pids[0] ?? 0, "SIGKILL")) return;
    this.#journal.count("tasks killed", `kill -9 ${task.taskId}`);
  }
}

/** `agents killed`, not `agent1/agent killed`. */
function kindOf(name: string): string {
  return name.split("/")[1] ?? name;
}

function signalled(pid: number, signal: "SIGKILL" | "SIGSTOP" | "SIGCONT"): boolean {
  if (pid <= 1) return false;
  try {
    process.kill(pid, signal);
    return true;
  } catch {
    // It ended before.
    return false;
  }
}
