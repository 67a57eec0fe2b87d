import { systemClock } from "@tutti/ports/node";
import type { Flow } from "../core/index.ts";
import { messageOf } from "./commands.ts";
import { cutConnections } from "./connections.ts";
import { limits } from "./limits.ts";
import type { ToolShell } from "./tool-shell.ts";

/** Who cuts, and who is told. */
export interface ConnectionCutsOptions {
  readonly tools: ToolShell;
  /** These were cut, or cannot be. */
  readonly done: (flows: readonly Flow[]) => void;
  readonly report: (line: string) => void;
}

/**
 * Cuts connections, one run of the tool after the other: each walks the whole table of connections, so what comes
 * while one runs, or soon after it, is cut together. Nobody waits for it but a backend that comes back.
 */
export class ConnectionCuts {
  readonly #options: ConnectionCutsOptions;
  #waiting: Flow[] = [];
  #running: Promise<void> | undefined;
  #reported = false;

  constructor(options: ConnectionCutsOptions) {
    this.#options = options;
  }

  /** Cuts these as soon as the pause after the last run is over. */
  add(flows: readonly Flow[]): void {
    if (flows.length === 0) return;
    this.#waiting.push(...flows);
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined;
    });
  }

  /** Resolves when nothing is left to be cut. */
  async idle(): Promise<void> {
    await this.#running;
  }

  async #run(): Promise<void> {
    while (this.#waiting.length > 0) {
      const flows = this.#waiting;
      this.#waiting = [];
      await this.#cut(flows);
      this.#options.done(flows);
      await new Promise<void>((resolve) => systemClock.after(limits.cutPauseMs, resolve));
    }
  }

  async #cut(flows: readonly Flow[]): Promise<void> {
    try {
      await cutConnections(this.#options.tools, flows);
    } catch (error) {
      if (this.#reported) return;
      this.#reported = true;
      const why = messageOf(error);
      const need = why.includes("not found")
        ? "there is no `conntrack` here (Debian: conntrack)"
        : why;
      this.#options.report(
        `Connections to backends that are gone end by themselves only: ${need}.`,
      );
    }
  }
}
