import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Account } from "../core/accounts.ts";
import type { ContainerSpec, LogBound } from "../core/containerizer.ts";
import { configLimits } from "../core/limits.ts";
import { limits } from "../limits.ts";
import { pidInUse, runs, sendSignal, until } from "./proc.ts";
import { readText, type RunDir, type Started } from "./run-dir.ts";

/** The program that writes the output of one container; found on every Debian (package perl-base). */
export const loggerProgram = "/usr/bin/perl";

/** The logger's script: also how its processes are recognised while they start. */
export const loggerScript = fileURLToPath(new URL("logger.pl", import.meta.url));

/**
 * The loggers of all containers: one small process each, between the container and the files `stdout` and
 * `stderr` of its sandbox, which it keeps within their bounds. They outlive us; one that died is replaced.
 */
export class Loggers {
  readonly #runDir: RunDir;
  readonly #writer: "container" | "supervisor";

  /** `writer`: which process keeps the pipes open as long as the container lives. */
  constructor(runDir: RunDir, writer: "container" | "supervisor") {
    this.#runDir = runDir;
    this.#writer = writer;
  }

  /** Writes down what the container's logger must know. */
  prepare(spec: ContainerSpec, account: Account): void {
    const as =
      process.getuid?.() === 0
        ? `${String(account.uid)}:${String(account.gid)}:${account.groups.join(",")}`
        : "-";
    const { stdout, stderr } = spec.logs ?? { stdout: undefined, stderr: undefined };
    const lines = [spec.sandboxDir, as, boundText(stdout), boundText(stderr)];
    const dir = this.#runDir.containerDir(spec.containerId);
    writeFileSync(`${dir}/logger`, `${lines.join("\n")}\n`);
  }

  /** Starts another logger for a running container whose logger is gone. */
  tend(containerId: string, started: Started): void {
    const dir = this.#runDir.containerDir(containerId);
    const noted = this.#noted(containerId);
    if (noted === undefined || pidInUse(noted.pid)) return;
    const from =
      this.#writer === "container"
        ? ["attach", String(started.pid)]
        : ["trust", String(started.supervisorPid)];
    const child = spawn(loggerProgram, [loggerScript, dir, ...from], {
      detached: true,
      stdio: "ignore",
      env: {},
    });
    child.on("error", () => undefined);
    child.unref();
  }

  /** Resolves when all that the container wrote is in its files; the wait is bounded. */
  async drained(containerId: string): Promise<void> {
    if (this.#isGone(containerId)) return;
    await until(() => this.#isGone(containerId), limits.logDrainMs);
  }

  /** Ends the logger of a container that was destroyed, after it has written what was left. */
  async end(containerId: string): Promise<void> {
    await this.drained(containerId);
    const noted = this.#noted(containerId);
    if (noted !== undefined && runs(noted.pid, noted.startTicks)) sendSignal(noted.pid, 9);
  }

  #isGone(containerId: string): boolean {
    const noted = this.#noted(containerId);
    return noted === undefined || !runs(noted.pid, noted.startTicks);
  }

  #noted(containerId: string): { readonly pid: number; readonly startTicks: number } | undefined {
    const text = readText(`${this.#runDir.containerDir(containerId)}/logger.pid`);
    const [pid, startTicks] = (text ?? "").trim().split(" ").map(Number);
    return pid === undefined || startTicks === undefined ? undefined : { pid, startTicks };
  }
}

function boundText(bound: LogBound = configLimits.logBoundDefault): string {
  return `${String(bound.bytesMax)} ${String(bound.filesMax)}`;
}
