import type { ContainerExit, ContainerState } from "@tutti/containerizer/core";

/** Containers on a machine: they live on when the agent dies. */
export class SimulatedMachine {
  readonly #containers = new Map<string, ContainerState>();
  /** Every command that was ever started, by container; more than one start is a fault of the agent. */
  readonly starts: string[] = [];
  /** Signals that reached a running command. */
  readonly signals: string[] = [];
  readonly sandboxesRemoved: string[] = [];
  /** SIGTERM ends a command. */
  obedient = true;
  /** The next launches fail with this. */
  launchFault: string | undefined;

  stateOf(containerId: string): ContainerState {
    return this.#containers.get(containerId) ?? { type: "absent" };
  }

  /** Containers that run or whose remains lie about. */
  present(): readonly string[] {
    return [...this.#containers.keys()];
  }

  running(): readonly string[] {
    return this.present().filter((id) => this.stateOf(id).type === "running");
  }

  /** Starts a command; one that runs is left alone. */
  launch(containerId: string): number {
    const state = this.stateOf(containerId);
    if (state.type === "running") return state.pid;
    this.starts.push(containerId);
    const pid = 100 + this.starts.length;
    this.#containers.set(containerId, { type: "running", pid });
    return pid;
  }

  /** A command ends by itself or by force; undefined when it does not run. */
  end(containerId: string, exit: ContainerExit): ContainerExit | undefined {
    if (this.stateOf(containerId).type !== "running") return undefined;
    this.#containers.set(containerId, { type: "exited", exit });
    return exit;
  }

  signal(containerId: string, signal: number): ContainerExit | undefined {
    if (this.stateOf(containerId).type !== "running") return undefined;
    this.signals.push(`${containerId} ${signal}`);
    return this.obedient ? this.end(containerId, { signal, oomKilled: false }) : undefined;
  }

  destroy(containerId: string): ContainerExit | undefined {
    const exit = this.end(containerId, { signal: 9, oomKilled: false });
    this.#containers.delete(containerId);
    return exit;
  }

  /** What an orphan of an agent that lost its disk looks like. */
  plant(containerId: string): void {
    this.#containers.set(containerId, { type: "running", pid: 7 });
  }

  boot(): void {
    this.#containers.clear();
  }
}
