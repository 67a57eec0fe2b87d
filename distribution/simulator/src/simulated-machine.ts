import type { ContainerExit, ContainerSpec, ContainerState } from "@tutti/containerizer/core";
import type { SeededRandom } from "@tutti/testkit";
import { parseProgram } from "./program.ts";
import type { Program } from "./program.ts";
import type { Site } from "./site.ts";

const sigTerm = 15;
const sigKill = 9;

/** A container on a machine. */
export interface MachineContainer {
  readonly spec: ContainerSpec;
  readonly taskId: string;
  readonly program: Program;
  readonly pid: number;
  readonly startedMs: number;
  /** Present once it has ended. */
  readonly exit?: ContainerExit;
}

/** What the agent on the machine is told. */
interface MachineListener {
  exited(containerId: string, exit: ContainerExit): void;
}

type Ending = "itself" | "signal" | "destroy" | "boot" | "outside";

/** How a launch ends for the agent. */
export type LaunchAnswer =
  | { readonly type: "launched"; readonly pid: number }
  /** The runtime says so; the container may have begun nevertheless. */
  | { readonly type: "failed"; readonly message: string };

/** What the container runtime of a machine does wrong. */
export interface ContainerFaults {
  /** Probability that a launch fails. */
  readonly launchFailure: number;
  /** Probability that a container cannot be removed at the first attempt. */
  readonly destroyFailure: number;
  /** The longest an order takes. */
  readonly latencyMsMax: number;
}

const soundRuntime: ContainerFaults = { launchFailure: 0, destroyFailure: 0, latencyMsMax: 30 };

/**
 * The machine below an agent: its containers live on when the agent dies, and end when it boots. What
 * it is told to do takes some time; commands behave as their programs say, until the weather is calm.
 */
export class SimulatedMachine {
  readonly #site: Site;
  readonly #node: string;
  readonly #random: SeededRandom;
  readonly #containers = new Map<string, MachineContainer>();
  #listener: MachineListener | undefined;
  #pid = 100;
  #boots = 0;
  /** When nobody began to watch: the agent died. */
  #unwatchedMs = 0;
  #faults = soundRuntime;
  /** Misbehaving programs behave from now on. */
  isCalm = false;

  constructor(site: Site, node: string) {
    this.#site = site;
    this.#node = node;
    this.#random = site.random.fork(`machine ${node}`);
  }

  /** Changes when the machine boots. */
  get bootId(): string {
    return `${this.#node}-boot-${this.#boots}`;
  }

  /** What the runtime does wrong from now on; nothing when absent. */
  setFaults(faults: Partial<ContainerFaults>): void {
    this.#faults = { ...soundRuntime, ...faults };
  }

  /** Something else on the machine kills a container that runs: the kernel for memory, or somebody. */
  killOne(): void {
    const alive = [...this.#containers.values()].filter(({ exit }) => exit === undefined);
    if (alive.length === 0) return;
    const oomKilled = this.#random.chance(0.5);
    this.#end(this.#random.pick(alive), { signal: sigKill, oomKilled }, "outside");
  }

  /** All containers that were started and not destroyed. */
  containers(): ReadonlyMap<string, MachineContainer> {
    return this.#containers;
  }

  /** From now on this agent is told of ends. */
  watch(listener: MachineListener | undefined): void {
    this.#listener = listener;
    if (listener === undefined) this.#unwatchedMs = this.#site.world.nowMs();
  }

  /** What an agent that begins finds. */
  recover(containerIds: readonly string[]): readonly (readonly [string, ContainerState])[] {
    if (this.#site.sabotage.has("doubledLaunch")) this.#launchAgain();
    const ids = new Set([...containerIds, ...this.#containers.keys()]);
    return [...ids].map((id) => [id, this.stateOf(id)] as const);
  }

  /** The planted bug: launches that may not have been finished when the agent died are repeated. */
  #launchAgain(): void {
    const doubtfulMs = 300;
    for (const container of this.#containers.values()) {
      const isDoubtful = container.startedMs > this.#unwatchedMs - doubtfulMs;
      if (container.exit === undefined && isDoubtful) this.#start(container.spec);
    }
  }

  /** How long the next order takes. */
  latencyMs(): number {
    return this.#random.between(2, this.#faults.latencyMsMax);
  }

  stateOf(containerId: string): ContainerState {
    const container = this.#containers.get(containerId);
    if (container === undefined) return { type: "absent" };
    if (container.exit !== undefined) return { type: "exited", exit: container.exit };
    return { type: "running", pid: container.pid };
  }

  /** Starts a container; one that is there already is left as it is. */
  launch(spec: ContainerSpec): LaunchAnswer {
    const { containerId } = spec;
    const known = this.#containers.get(containerId);
    if (known !== undefined) return { type: "launched", pid: known.pid };
    const { launchFailure } = this.#faults;
    if (launchFailure === 0 || !this.#random.chance(launchFailure)) {
      return { type: "launched", pid: this.#start(spec) };
    }
    const hasBegun = this.#random.chance(0.3);
    if (hasBegun) this.#start(spec);
    const taskId = taskOf(spec);
    this.#site.observe({ type: "launchFailed", node: this.#node, containerId, taskId, hasBegun });
    return { type: "failed", message: "the runtime gave no answer" };
  }

  #start(spec: ContainerSpec): number {
    const { containerId } = spec;
    this.#pid += 1;
    const taskId = taskOf(spec);
    const command =
      spec.command.type === "shell" ? spec.command.value : spec.command.argv.join(" ");
    const program = parseProgram(command);
    const startedMs = this.#site.world.nowMs();
    const container = { spec, taskId, program, pid: this.#pid, startedMs };
    this.#containers.set(containerId, container);
    this.#site.observe({ type: "containerStarted", node: this.#node, taskId, spec });
    this.#planEnd(container);
    return container.pid;
  }

  signal(containerId: string, signal: number): void {
    const container = this.#containers.get(containerId);
    if (container === undefined || container.exit !== undefined) return;
    const { taskId, program } = container;
    const node = this.#node;
    this.#site.observe({ type: "containerSignalled", node, containerId, taskId, signal });
    if (signal === sigTerm && program.isDeaf) return;
    const delayMs = signal === sigKill ? 1 : program.stopMs;
    this.#after(container, delayMs, () =>
      this.#end(container, { signal, oomKilled: false }, "signal"),
    );
  }

  /** Kills what runs and removes the container; false when only the first was done. */
  destroy(containerId: string): boolean {
    const container = this.#containers.get(containerId);
    if (container === undefined) return true;
    this.#end(container, { signal: sigKill, oomKilled: false }, "destroy");
    const { destroyFailure } = this.#faults;
    if (destroyFailure > 0 && this.#random.chance(destroyFailure)) return false;
    this.#containers.delete(containerId);
    const { taskId } = container;
    this.#site.observe({ type: "containerDestroyed", node: this.#node, containerId, taskId });
    return true;
  }

  /** Whether a check of the container passes. */
  check(containerId: string): boolean {
    const container = this.#containers.get(containerId);
    if (container === undefined || container.exit !== undefined) return false;
    const ageMs = this.#site.world.nowMs() - container.startedMs;
    const { sickUntilMs, sickAfterMs } = container.program;
    const healthy = ageMs >= sickUntilMs && (ageMs < sickAfterMs || this.isCalm);
    const { taskId } = container;
    this.#site.observe({ type: "checkAnswered", node: this.#node, containerId, taskId, healthy });
    return healthy;
  }

  /** All containers are gone; the agent begins a new life after this. */
  boot(): void {
    this.#boots += 1;
    for (const container of this.#containers.values()) {
      this.#end(container, { signal: sigKill, oomKilled: false, unknown: true }, "boot");
    }
    this.#containers.clear();
    this.#site.observe({ type: "machineBooted", node: this.#node });
  }

  #planEnd(container: MachineContainer): void {
    const { exit, flaky, oomAfterMs } = container.program;
    const endItself = (delayMs: number, how: ContainerExit): void => {
      this.#after(container, delayMs, () => {
        if (!this.isCalm) this.#end(container, how, "itself");
      });
    };
    if (exit !== undefined) endItself(exit.afterMs, { exitCode: exit.code, oomKilled: false });
    if (flaky !== undefined) {
      const delayMs = -Math.log(1 - this.#random.next()) * flaky.meanMs;
      endItself(delayMs, { exitCode: flaky.code, oomKilled: false });
    }
    if (oomAfterMs !== undefined) endItself(oomAfterMs, { signal: sigKill, oomKilled: true });
  }

  /** Plans something that happens only if the container still runs then. */
  #after(container: MachineContainer, delayMs: number, happen: () => void): void {
    const { containerId } = container.spec;
    this.#site.world.after(delayMs, () => {
      if (this.#containers.get(containerId)?.pid === container.pid) happen();
    });
  }

  #end(container: MachineContainer, exit: ContainerExit, by: Ending): void {
    const { containerId } = container.spec;
    if (this.#containers.get(containerId)?.exit !== undefined) return;
    this.#containers.set(containerId, { ...container, exit });
    const { taskId } = container;
    const node = this.#node;
    this.#site.observe({ type: "containerEnded", node, containerId, taskId, exit, by });
    if (by !== "boot") this.#listener?.exited(containerId, exit);
  }
}

function taskOf({ env, containerId }: ContainerSpec): string {
  return env["MESOS_TASK_ID"] ?? env["MESOS_EXECUTOR_ID"] ?? containerId;
}
