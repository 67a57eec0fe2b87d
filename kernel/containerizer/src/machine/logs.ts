import { closeSync, constants, fchownSync, fstatSync, openSync } from "node:fs";
import { Fault } from "@tutti/base";
import type { Account } from "../core/accounts.ts";

/**
 * Makes `stdout` and `stderr` in the sandbox and gives them to the task's user: a reader finds them from the
 * first moment on. A link in their place is refused: whoever planted it could make the agent write elsewhere.
 */
export function makeSandboxLogs(sandboxDir: string, account: Account): void {
  for (const name of ["stdout", "stderr"]) closeSync(openLog(`${sandboxDir}/${name}`, account));
}

/** Not blocking, so that a pipe planted in place of a file cannot hold the agent up. */
const flags =
  constants.O_WRONLY |
  constants.O_CREAT |
  constants.O_APPEND |
  constants.O_NOFOLLOW |
  constants.O_NONBLOCK;

function openLog(path: string, account: Account): number {
  try {
    const file = openSync(path, flags, 0o644);
    if (!fstatSync(file).isFile()) {
      closeSync(file);
      throw new Error("not a file");
    }
    if (process.getuid?.() === 0) fchownSync(file, account.uid, account.gid);
    return file;
  } catch (error) {
    throw new Fault("SANDBOX", `cannot open ${path}: ${(error as Error).message}`, {
      retryable: false,
      cause: error,
    });
  }
}
