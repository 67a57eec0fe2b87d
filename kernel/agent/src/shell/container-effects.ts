import type { Containerizer } from "@tutti/containerizer/core";
import type { AgentEffect, AgentEvent } from "../core/index.ts";
import { describeError } from "./disk-full.ts";
import { makeSandbox, removeSandbox } from "./sandbox.ts";

type EffectOf<Type extends AgentEffect["type"]> = Extract<AgentEffect, { type: Type }>;

/** What the effects on containers need. */
export interface ContainerEffectPorts {
  readonly containerizer: Containerizer;
  readonly tell: (event: AgentEvent) => void;
  readonly fatal: (error: Error) => void;
}

/** Performs effects on containers, those on one container one after the other. */
export class ContainerEffects {
  readonly #ports: ContainerEffectPorts;
  /** The end of the line of each container. */
  readonly #lines = new Map<string, Promise<void>>();

  constructor(ports: ContainerEffectPorts) {
    this.#ports = ports;
    ports.containerizer.onExit((containerId, exit) => {
      ports.tell({ type: "containerExited", containerId, exit });
    });
  }

  recover(effect: EffectOf<"recoverContainers">): void {
    const { containerizer, tell, fatal } = this.#ports;
    containerizer.recover(effect.containerIds).then(
      (found) => tell({ type: "containersRecovered", containers: [...found] }),
      (error: unknown) => fatal(asError(error)),
    );
  }

  launch(effect: EffectOf<"launchContainer">): void {
    const { spec, latestLink, rootAllowed } = effect;
    const { containerId, sandboxDir: dir, user } = spec;
    const { containerizer, tell } = this.#ports;
    this.#inLine(containerId, async () => {
      try {
        await makeSandbox({ dir, latestLink, user, rootAllowed });
        const { pid } = await containerizer.launch(spec);
        tell({ type: "containerLaunched", containerId, pid });
      } catch (error) {
        tell({ type: "containerLaunchFailed", containerId, message: describeError(error) });
      }
    });
  }

  signal(effect: EffectOf<"signalContainer">): void {
    this.#inLine(effect.containerId, async () => {
      try {
        await this.#ports.containerizer.signal(effect.containerId, effect.signal);
      } catch {
        // A signal that cannot be sent is followed by SIGKILL to the whole container after the grace.
        return;
      }
    });
  }

  destroy(effect: EffectOf<"destroyContainer">): void {
    const { containerId } = effect;
    const { containerizer, tell } = this.#ports;
    this.#inLine(containerId, async () => {
      try {
        await containerizer.destroy(containerId);
        tell({ type: "containerDestroyed", containerId });
      } catch (error) {
        tell({ type: "containerDestroyFailed", containerId, message: describeError(error) });
      }
    });
  }

  removeSandbox(effect: EffectOf<"removeSandbox">): void {
    const { id, dir } = effect;
    removeSandbox(dir).then(
      () => this.#ports.tell({ type: "sandboxRemoved", id }),
      (error: unknown) =>
        this.#ports.tell({ type: "sandboxRemovalFailed", id, message: asError(error).message }),
    );
  }

  /** `work` never rejects. */
  #inLine(containerId: string, work: () => Promise<void>): void {
    const before = this.#lines.get(containerId);
    const line = (before === undefined ? work() : before.then(work)).then(() => {
      if (this.#lines.get(containerId) === line) this.#lines.delete(containerId);
    });
    this.#lines.set(containerId, line);
  }
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error), { cause: error });
}
