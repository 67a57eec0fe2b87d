import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { createInterface } from "node:readline";
import { Fault } from "@tutti/base";
import { limits } from "./limits.ts";

interface Pending {
  readonly mark: string;
  readonly take: (line: string) => void;
  readonly resolve: (exitCode: number) => void;
  readonly reject: (fault: Fault) => void;
  readonly deadline: NodeJS.Timeout;
  linesLeft: number;
}

/**
 * One running `sh` that is given scripts, one after the other. To start a process this one must be copied, and while
 * it is, with the memory of a large table, nothing else happens in it: 5 to 100 ms each time. The shell is small and
 * starts what it is told in less than one.
 */
export class ToolShell {
  readonly #prefix: readonly string[];
  #child: ChildProcess | undefined;
  #last: Promise<unknown> = Promise.resolve();
  #pending: Pending | undefined;
  #count = 0;
  #closed = false;

  /** `prefix` stands before `sh`: nothing, or how to reach another network namespace. */
  constructor(prefix: readonly string[]) {
    this.#prefix = prefix;
  }

  /** Starts the shell now, while this process is small; else the first script does. */
  start(): void {
    if (!this.#closed) this.#child ??= this.#spawn();
  }

  /**
   * Runs a script to its end, after those before it; hands over what it says line by line, and answers its exit code.
   * The script must end with a newline, and read no input but what it brings. Throws a `Fault`: TIMEOUT, TOO_LONG,
   * SHELL_ENDED (also when it was closed), or the system's code when the shell could not be started.
   */
  run(script: string, take: (line: string) => void): Promise<number> {
    const code = this.#last.then(() => this.#tell(script, take));
    this.#last = code.catch(() => undefined);
    return code;
  }

  /** For good: what runs and what waits fails, and nothing begins any more. */
  close(): void {
    this.#closed = true;
    this.#fail(closedFault());
  }

  #tell(script: string, take: (line: string) => void): Promise<number> {
    if (this.#closed) return Promise.reject(closedFault());
    return new Promise((resolve, reject) => {
      this.#child ??= this.#spawn();
      this.#count += 1;
      const mark = `tutti-done-${String(this.#count)} `;
      const deadline = setTimeout(() => {
        this.#fail(new Fault("TIMEOUT", "the tool did not end in time.", { retryable: true }));
      }, limits.transactionMsMax);
      this.#pending = { mark, take, resolve, reject, deadline, linesLeft: limits.linesMax };
      this.#child.stdin?.write(`${script}printf '\\n%s%s\\n' '${mark}' "$?"\n`);
    });
  }

  #spawn(): ChildProcess {
    const [command, ...args] = [...this.#prefix, "sh"];
    const child = spawn(command, args, { stdio: ["pipe", "pipe", "ignore"] });
    const end = (fault: Fault): void => {
      if (child === this.#child) this.#fail(fault);
    };
    child.stdin.on("error", () => child.stdin.destroy());
    createInterface({ input: child.stdout }).on("line", (line) => {
      if (child === this.#child) this.#hear(line);
    });
    child.on("error", (cause) => {
      const code = "code" in cause ? String(cause.code) : "EUNKNOWN";
      end(new Fault(code, `sh could not be started: ${code}.`, { retryable: true, cause }));
    });
    child.on("exit", () => {
      end(new Fault("SHELL_ENDED", "the shell ended by itself.", { retryable: true }));
    });
    return child;
  }

  #hear(line: string): void {
    const pending = this.#pending;
    if (pending === undefined) return;
    if (line.startsWith(pending.mark)) {
      this.#pending = undefined;
      clearTimeout(pending.deadline);
      pending.resolve(Number(line.slice(pending.mark.length)));
      return;
    }
    pending.linesLeft -= 1;
    if (pending.linesLeft > 0) pending.take(line);
    else this.#fail(new Fault("TOO_LONG", "the tool says too much.", { retryable: true }));
  }

  #fail(fault: Fault): void {
    const [pending, child] = [this.#pending, this.#child];
    this.#pending = undefined;
    this.#child = undefined;
    child?.stdin?.end();
    child?.kill();
    if (pending === undefined) return;
    clearTimeout(pending.deadline);
    pending.reject(fault);
  }
}

function closedFault(): Fault {
  return new Fault("SHELL_ENDED", "the shell was closed.", { retryable: false });
}
