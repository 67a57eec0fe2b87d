import { closeSync, constants, fchownSync, fstatSync, openSync } from "node:fs";
import { Fault } from "@tutti/base";
import type { Account } from "../core/accounts.ts";

/** Open `stdout` and `stderr` of a sandbox. */
export interface SandboxLogs {
  readonly out: number;
  readonly err: number;
  close(): void;
}

/**
 * Opens `stdout` and `stderr` in the sandbox for appending and gives them to the task's user. A link in
 * their place is refused: whoever planted it could make the agent write elsewhere.
 */
export function openSandboxLogs(sandboxDir: string, account: Account): SandboxLogs {
  const out = openLog(`${sandboxDir}/stdout`, account);
  try {
    const err = openLog(`${sandboxDir}/stderr`, account);
    return {
      out,
      err,
      close: () => {
        closeSync(out);
        closeSync(err);
      },
    };
  } catch (error) {
    closeSync(out);
    throw error;
  }
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
