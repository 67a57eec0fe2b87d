import { writeFileSync } from "node:fs";
import { Fault } from "@tutti/base";
import { afterRunning, systemClock } from "@tutti/ports/node";
import type { ContainerCommand } from "../core/containerizer.ts";
import { ociExecProcess, type OciConfig, type OciProcess } from "../core/oci-config.ts";
import { limits } from "../limits.ts";
import { killTree } from "../machine/proc.ts";
import { readText, type RunDir } from "../machine/run-dir.ts";
import type { Launcher } from "./launcher.ts";

/** Runs further commands in running containers through the runtime. */
export class RuntimeExec {
  readonly #runDir: RunDir;
  readonly #launcher: Launcher;
  #running = 0;
  #nextNumber = 1;

  constructor(runDir: RunDir, launcher: Launcher) {
    this.#runDir = runDir;
    this.#launcher = launcher;
  }

  /** As `Containerizer.exec`. Throws a `Fault` BUSY, or EXEC when the runtime itself failed. */
  async run(
    containerId: string,
    command: ContainerCommand,
    options: { readonly env: Readonly<Record<string, string>>; readonly timeoutMs: number },
  ): Promise<{ readonly exitCode?: number; readonly timedOut?: true }> {
    if (this.#running >= limits.execsMax)
      throw new Fault("BUSY", "too many commands run in containers already", { retryable: true });
    this.#running += 1;
    const number = this.#nextNumber++;
    const prefix = `${this.#runDir.containerDir(containerId)}/exec-${String(number)}`;
    let timedOut = false;
    // In a container that is short of cpu time the command may not have begun by then: hence again and again.
    let cancel = afterRunning(options.timeoutMs, kill);
    function kill(): void {
      timedOut = true;
      const pid = Number(readText(`${prefix}.pid`) ?? 0);
      if (pid > 1) killTree(pid);
      cancel = systemClock.after(limits.killIntervalMs, kill);
    }
    try {
      const process = ociExecProcess(command, options.env, this.#taskProcess(containerId));
      writeFileSync(`${prefix}.json`, JSON.stringify(process));
      const [, code] = await this.#launcher.call("exec", [containerId, number], 0);
      if (timedOut) return { timedOut };
      const log = readText(`${prefix}.log`) ?? "";
      if (code !== "0" && log !== "") {
        const words = lastWords(log + (readText(`${prefix}.err`) ?? ""));
        throw new Fault("EXEC", `the runtime could not run the command: ${words}`, {
          retryable: true,
        });
      }
      return { exitCode: Number(code) };
    } finally {
      cancel();
      this.#running -= 1;
      this.#runDir.removeFiles(prefix, [".json", ".pid", ".log", ".err"]);
    }
  }

  #taskProcess(containerId: string): OciProcess {
    const text = readText(`${this.#runDir.containerDir(containerId)}/config.json`);
    if (text === undefined) throw notRunning(containerId);
    return (JSON.parse(text) as OciConfig).process;
  }
}

/** The fault of a command for a container that does not run (any more). */
export function notRunning(containerId: string): Fault {
  return new Fault("NOT_RUNNING", `container ${containerId} does not run`, { retryable: false });
}

/** The end of a runtime's own words, on one line. */
export function lastWords(text: string): string {
  return text.trim().replaceAll(/\s+/g, " ").slice(-limits.runtimeWordsMax);
}
