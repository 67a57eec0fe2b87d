import { spawn } from "node:child_process";
import { constants } from "node:os";
import { assert, Fault } from "@tutti/base";
import { afterRunning } from "@tutti/ports/node";
import type { Account } from "../core/accounts.ts";
import { commandLine } from "../core/command.ts";
import type { ContainerCommand, ContainerSpec } from "../core/containerizer.ts";
import { killTree } from "../machine/proc.ts";

/** Runs a command beside the task, as its user, in its directory. */
export function execute(
  command: ContainerCommand,
  how: {
    readonly spec: ContainerSpec;
    readonly account: Account;
    readonly env: Readonly<Record<string, string>>;
    readonly timeoutMs: number;
  },
): Promise<{ readonly exitCode?: number; readonly signal?: number; readonly timedOut?: true }> {
  const [program, ...args] = commandLine(command);
  assert(program !== undefined, "a command line names a program");
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd: how.spec.sandboxDir,
      env: { ...how.spec.env, ...how.env },
      detached: true,
      stdio: "ignore",
      ...(process.getuid?.() === 0 ? { uid: how.account.uid, gid: how.account.gid } : {}),
    });
    let timedOut = false;
    const cancelDeadline = afterRunning(how.timeoutMs, () => {
      timedOut = true;
      if (child.pid !== undefined) killTree(child.pid);
    });
    child.on("error", (error: NodeJS.ErrnoException) => {
      cancelDeadline();
      if (error.code === "ENOENT" || error.code === "EACCES")
        resolve({ exitCode: error.code === "ENOENT" ? 127 : 126 });
      else reject(new Fault("EXEC", error.message, { retryable: true, cause: error }));
    });
    child.on("exit", (code, signal) => {
      cancelDeadline();
      if (timedOut) resolve({ timedOut });
      else
        resolve(signal === null ? { exitCode: code ?? 0 } : { signal: constants.signals[signal] });
    });
  });
}
