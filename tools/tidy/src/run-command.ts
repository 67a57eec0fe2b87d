import { spawn } from "node:child_process";
import { closeSync, openSync, writeSync } from "node:fs";

/** A program to run to its end. */
export interface Command {
  readonly file: string;
  readonly args: readonly string[];
  readonly cwd: string;
  /** After this time the whole process group gets SIGTERM, then SIGKILL. */
  readonly deadlineMs: number;
  readonly env?: Readonly<Record<string, string>>;
  /** Takes the output while it comes. */
  readonly show?: (text: string) => void;
  /** Keeps the whole output in this file. */
  readonly logPath?: string;
}

/** How a command ended. */
export interface Outcome {
  /** Exit code; null when a signal ended it or it did not start. */
  readonly code: number | null;
  /** Standard output and error as they came, the last 4 MB of them. */
  readonly output: string;
  readonly durationMs: number;
  readonly timedOut: boolean;
  /** Whether the user or the system asked this process to end meanwhile. */
  readonly interrupted: boolean;
}

const outputCharsMax = 4_000_000;
const graceMs = 20_000;

/** Runs a command in a process group of its own, without input. Never rejects. */
export function runCommand(command: Command): Promise<Outcome> {
  const { file, args, cwd, deadlineMs, env, show, logPath } = command;
  const begunMs = performance.now();
  const log = logPath === undefined ? undefined : openSync(logPath, "w");
  let output = "";
  let timedOut = false;
  let interrupted = false;

  function take(text: string): void {
    output = (output + text).slice(-outputCharsMax);
    if (log !== undefined) writeSync(log, text);
    show?.(text);
  }

  return new Promise((resolve) => {
    const child = spawn(file, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
    });
    function signalGroup(signal: NodeJS.Signals): void {
      if (child.pid === undefined) return;
      try {
        process.kill(-child.pid, signal);
      } catch {
        // The group is gone already, which is what the signal was for.
      }
    }
    function stop(): void {
      signalGroup("SIGTERM");
      hardStop = setTimeout(() => signalGroup("SIGKILL"), graceMs);
    }
    function onSignal(): void {
      interrupted = true;
      take("\ninterrupted\n");
      stop();
    }
    let hardStop: NodeJS.Timeout | undefined;
    const deadline = setTimeout(() => {
      timedOut = true;
      take(`\nstopped after ${formatDuration(deadlineMs)}\n`);
      stop();
    }, deadlineMs);
    process.on("SIGINT", onSignal).on("SIGTERM", onSignal);

    child.stdout.setEncoding("utf8").on("data", take);
    child.stderr.setEncoding("utf8").on("data", take);
    // A program that cannot be started gives "error" and then "close", with a code below zero.
    child.on("error", (error) => take(`${error.message}\n`));
    child.on("close", (code) => finish(code !== null && code >= 0 ? code : null));

    function finish(code: number | null): void {
      clearTimeout(deadline);
      clearTimeout(hardStop);
      process.off("SIGINT", onSignal).off("SIGTERM", onSignal);
      if (log !== undefined) closeSync(log);
      resolve({ code, output, durationMs: performance.now() - begunMs, timedOut, interrupted });
    }
  });
}

/** `0.4 s`, `23 s`, `2 min 5 s`. */
export function formatDuration(durationMs: number): string {
  const seconds = durationMs / 1000;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 120) return `${Math.round(seconds)} s`;
  return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
}
