import type { AgentEffect, AgentEvent } from "@tutti/agent/core";
import type { SimulatedNode } from "@tutti/testkit";
import type { LaunchAnswer, SimulatedMachine } from "./simulated-machine.ts";

type EffectOf<Type extends AgentEffect["type"]> = Extract<AgentEffect, { readonly type: Type }>;

const exitNoticeMs = 2;

/**
 * Performs an agent's effects on containers in one of its lives: those on one container one after the
 * other, as the agent's shell does. An order that is under way when the agent dies is carried out or not.
 */
export class ContainerEffects {
  readonly #node: SimulatedNode;
  readonly #machine: SimulatedMachine;
  readonly #tell: (event: AgentEvent) => void;
  readonly #lines = new Map<string, (() => void)[]>();

  constructor(node: SimulatedNode, machine: SimulatedMachine, tell: (event: AgentEvent) => void) {
    this.#node = node;
    this.#machine = machine;
    this.#tell = tell;
    machine.watch({
      exited: (containerId, exit) => {
        node.after(exitNoticeMs, () => tell({ type: "containerExited", containerId, exit }));
      },
    });
    node.onCrash(() => machine.watch(undefined));
  }

  recover({ containerIds }: EffectOf<"recoverContainers">): void {
    this.#node.after(this.#machine.latencyMs(), () => {
      const containers = this.#machine.recover(containerIds);
      this.#tell({ type: "containersRecovered", containers });
    });
  }

  launch({ spec }: EffectOf<"launchContainer">): void {
    const { containerId } = spec;
    let answer: LaunchAnswer | undefined;
    this.#inLine(
      containerId,
      () => {
        answer = this.#machine.launch(spec);
      },
      () => {
        if (answer?.type === "launched") {
          this.#tell({ type: "containerLaunched", containerId, pid: answer.pid });
        } else {
          const message = answer?.message ?? "";
          this.#tell({ type: "containerLaunchFailed", containerId, message });
        }
      },
    );
  }

  signal({ containerId, signal }: EffectOf<"signalContainer">): void {
    this.#inLine(containerId, () => this.#machine.signal(containerId, signal), undefined);
  }

  destroy({ containerId }: EffectOf<"destroyContainer">): void {
    let isDone = false;
    this.#inLine(
      containerId,
      () => {
        isDone = this.#machine.destroy(containerId);
      },
      () => {
        if (isDone) this.#tell({ type: "containerDestroyed", containerId });
        else this.#tell({ type: "containerDestroyFailed", containerId, message: "it is busy" });
      },
    );
  }

  check(effect: EffectOf<"runCheck">): void {
    const { containerId, purpose, attempt, check } = effect;
    this.#node.after(this.#machine.latencyMs(), () => {
      const passes = this.#machine.check(containerId);
      this.#tell({
        type: "checkFinished",
        containerId,
        purpose,
        attempt,
        result: resultOf(passes),
      });
    });
    const resultOf = (passes: boolean) => {
      switch (check.type) {
        case "command":
          return { type: "command", exitCode: passes ? 0 : 1 } as const;
        case "http":
          return { type: "http", statusCode: passes ? 200 : 503 } as const;
        case "tcp":
          return { type: "tcp", succeeded: passes } as const;
      }
    };
  }

  removeSandbox({ id }: EffectOf<"removeSandbox">): void {
    this.#node.after(this.#machine.latencyMs(), () => this.#tell({ type: "sandboxRemoved", id }));
  }

  /** Half of the time passes before `work`, half after it; then it is told of. */
  #inLine(containerId: string, work: () => void, told: (() => void) | undefined): void {
    const run = (): void => {
      const halfMs = this.#machine.latencyMs() / 2;
      this.#node.after(halfMs, () => {
        work();
        this.#node.after(halfMs, () => {
          told?.();
          this.#next(containerId);
        });
      });
    };
    const line = this.#lines.get(containerId);
    if (line !== undefined) {
      line.push(run);
      return;
    }
    this.#lines.set(containerId, []);
    run();
  }

  #next(containerId: string): void {
    const run = this.#lines.get(containerId)?.shift();
    if (run === undefined) this.#lines.delete(containerId);
    else run();
  }
}
