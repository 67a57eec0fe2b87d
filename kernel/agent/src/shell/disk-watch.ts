import { statfs } from "node:fs/promises";
import type { AgentEvent } from "../core/index.ts";
import type { Log } from "./log.ts";

/** What the watch needs. */
export interface DiskWatchPorts {
  /** A directory on the disk in question. */
  readonly dir: string;
  readonly intervalMs: number;
  readonly tell: (event: AgentEvent) => void;
  readonly log: Log;
}

/** Tells now and then how full the disk is. Rule AGT27. */
export class DiskWatch {
  readonly #ports: DiskWatchPorts;
  readonly #timer: NodeJS.Timeout;
  #closed = false;

  constructor(ports: DiskWatchPorts) {
    this.#ports = ports;
    this.#timer = setInterval(() => void this.#look(), ports.intervalMs);
    void this.#look();
  }

  close(): void {
    this.#closed = true;
    clearInterval(this.#timer);
  }

  async #look(): Promise<void> {
    const { dir, tell, log } = this.#ports;
    try {
      const { blocks, bfree } = await statfs(dir);
      if (this.#closed || blocks === 0) return;
      tell({ type: "diskMeasured", usedFraction: (blocks - bfree) / blocks });
    } catch (error) {
      log("warn", "the disk could not be looked at", { dir, error: (error as Error).message });
    }
  }
}
