import { setTimeout as rest } from "node:timers/promises";
import { host, type ProcessStatus, type TestCluster } from "../cluster.ts";
import { movingApp, steadyApp } from "./app-definition.ts";
import { liveContainers } from "./containers.ts";
import { candidateAt, type FaultPlan, type PlannedFault } from "./fault-plan.ts";
import type { ChaosJournal } from "./journal.ts";
import type { OpenFaults } from "./open-faults.ts";
import { signalled } from "./signals.ts";
import { nameOf, type StoppedTasks } from "./stopped-tasks.ts";

/** Processes of a machine that are hurt; keepers and launchers end with those they keep. */
const victims = new Set(["master", "services", "agent", "node"]);

/** Hurts processes, machines and tasks as a plan says, and mends what does not mend itself. */
export class FaultMaker {
  readonly #cluster: TestCluster;
  readonly #clusterId: string;
  readonly #plan: FaultPlan;
  readonly #journal: ChaosJournal;
  readonly #open: OpenFaults;
  readonly #stopped: StoppedTasks;

  constructor(
    cluster: TestCluster,
    how: {
      readonly clusterId: string;
      readonly plan: FaultPlan;
      readonly journal: ChaosJournal;
      readonly open: OpenFaults;
      readonly stopped: StoppedTasks;
    },
  ) {
    this.#cluster = cluster;
    this.#clusterId = how.clusterId;
    this.#plan = how.plan;
    this.#journal = how.journal;
    this.#open = how.open;
    this.#stopped = how.stopped;
  }

  /** Makes faults until `signal` says stop, then mends everything. */
  async run(signal: AbortSignal): Promise<void> {
    const mending = new Mending();
    try {
      while (!signal.aborted) {
        const { fault, pauseMs } = this.#plan.next();
        await this.#fault(fault, signal, mending);
        await rest(pauseMs, undefined, { signal }).catch(() => undefined);
      }
    } finally {
      await this.#open.mendAll();
      await mending.done();
    }
    mending.throwFirst();
  }

  async #fault(fault: PlannedFault, signal: AbortSignal, mending: Mending): Promise<void> {
    switch (fault.type) {
      case "killProcess":
        return this.#killProcess(fault.at);
      case "stopProcess":
        return this.#stopProcess(fault, signal, mending);
      case "cutMachine":
        return this.#cut(fault, signal, mending);
      case "killTask":
        return this.#killTask(fault.at);
      case "stopTask":
        return this.#stopTask(fault, signal, mending);
    }
  }

  async #process(at: number): Promise<{ readonly name: string; readonly pid: number } | undefined> {
    const processes = (await this.#cluster.status()).machines.flatMap((machine) =>
      machine.processes
        .filter((process: ProcessStatus) => victims.has(process.name) && process.pid > 0)
        .map((process) => ({ name: `${machine.name}/${process.name}`, pid: process.pid })),
    );
    return candidateAt(
      processes.filter(({ name }) => this.#open.isFree(name)),
      at,
    );
  }

  async #killProcess(at: number): Promise<void> {
    const victim = await this.#process(at);
    if (victim === undefined || !signalled(victim.pid, "SIGKILL")) return;
    this.#journal.count(`${kindOf(victim.name)} killed`, `kill -9 ${victim.name}`);
  }

  async #stopProcess(
    { at, forMs }: { readonly at: number; readonly forMs: number },
    signal: AbortSignal,
    mending: Mending,
  ): Promise<void> {
    const victim = await this.#process(at);
    if (victim === undefined || !signalled(victim.pid, "SIGSTOP")) return;
    this.#journal.count(
      `${kindOf(victim.name)} stopped`,
      `stopped ${victim.name} for ${(forMs / 1000).toFixed(1)} s`,
    );
    mending.add(
      this.#open.mendLater(victim.name, forMs, signal, () => {
        signalled(victim.pid, "SIGCONT");
        return Promise.resolve();
      }),
    );
  }

  async #cut(
    { at, forMs }: { readonly at: number; readonly forMs: number },
    signal: AbortSignal,
    mending: Mending,
  ): Promise<void> {
    const machines = [...this.#cluster.up.masters, ...this.#cluster.up.agents];
    const machine = candidateAt(machines, at);
    if (machine === undefined || !this.#open.isFree(machine.name)) return;
    const { name } = machine;
    const cable = `tt${this.#clusterId}-${String(machines.indexOf(machine))}`;
    await host("ip", "link", "set", cable, "down");
    this.#journal.count("machines cut off", `cut off ${name} for ${(forMs / 1000).toFixed(1)} s`);
    mending.add(
      this.#open.mendLater(name, forMs, signal, async () => {
        await host("ip", "link", "set", cable, "up");
      }),
    );
  }

  #killTask(at: number): void {
    const task = candidateAt(
      this.#tasks(({ appId }) => appId !== steadyApp.id),
      at,
    );
    if (task === undefined || !signalled(task.pids[0] ?? 0, "SIGKILL")) return;
    this.#journal.count("tasks killed", `kill -9 ${task.taskId}`);
  }

  /** Also of the steady app: a task whose health nobody checks is not replaced for standing still. */
  #stopTask(
    { at, forMs }: { readonly at: number; readonly forMs: number },
    signal: AbortSignal,
    mending: Mending,
  ): void {
    const task = candidateAt(
      this.#tasks(() => true),
      at,
    );
    if (task !== undefined) mending.add(this.#stopped.stop(task, forMs, signal));
  }

  /** Tasks of which nothing is hurt now; those of the moving app are left alone. */
  #tasks(
    isWanted: (task: { readonly appId: string }) => boolean,
  ): ReturnType<typeof liveContainers> {
    return liveContainers(this.#clusterId).filter(
      (task) =>
        !["", movingApp.id].includes(task.appId) &&
        isWanted(task) &&
        this.#open.isFree(nameOf(task)),
    );
  }
}

/** What is under way to mend faults. A failure waits until all of it is done: it must not keep the rest from being mended. */
class Mending {
  readonly #all: Promise<void>[] = [];
  readonly #failures: Error[] = [];

  add(one: Promise<void>): void {
    this.#all.push(
      one.catch((error: unknown) => {
        this.#failures.push(error instanceof Error ? error : new Error(String(error)));
      }),
    );
  }

  async done(): Promise<void> {
    await Promise.all(this.#all);
  }

  throwFirst(): void {
    const [first] = this.#failures;
    if (first !== undefined) throw first;
  }
}

/** `agents killed`, not `agent1/agent killed`. */
function kindOf(name: string): string {
  return name.split("/")[1] ?? name;
}
