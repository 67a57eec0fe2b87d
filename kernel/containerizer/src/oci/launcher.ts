import { spawn, type ChildProcessWithoutNullStreams } from "node:child_process";
import { fileURLToPath } from "node:url";
import { Fault } from "@tutti/base";
import { limits } from "../limits.ts";
import { loggerProgram, loggerScript } from "../machine/loggers.ts";

/** What the launcher script is told at its start. */
export interface LauncherOptions {
  readonly runDir: string;
  readonly runtimePath: string;
  /** Mount point of the version 2 tree of a hybrid machine, to be covered; else empty. */
  readonly hybridMount: string;
  readonly cgroupParent: string;
  readonly mark: string;
  /** The file `cgroup.procs` of a group in which this process is itself; empty when there is none. */
  readonly ownGroupFile: string;
}

/** The script's path: also how its processes are recognised. */
export const launcherScript = fileURLToPath(new URL("launcher.pl", import.meta.url));

const runtimeScript = fileURLToPath(new URL("runtime.sh", import.meta.url));

interface Call {
  readonly resolve: (answer: readonly string[]) => void;
  readonly reject: (fault: Fault) => void;
  readonly timer: NodeJS.Timeout | undefined;
}

/**
 * The process that calls the container runtime in a mount namespace of its own. Forking it costs a tenth of
 * forking Node, and Node never blocks on it. It is started on first use and again
 * when it was killed.
 */
export class Launcher {
  readonly #options: LauncherOptions;
  readonly #calls = new Map<string, Call>();
  #child: ChildProcessWithoutNullStreams | undefined;
  #ready: Promise<void> | undefined;
  #nextTag = 1;

  constructor(options: LauncherOptions) {
    this.#options = options;
  }

  /** Resolves when the mount namespace stands. Throws a `Fault` LAUNCHER with the step that failed. */
  async ready(): Promise<void> {
    this.#ready ??= this.#start();
    await this.#ready;
  }

  /** Sends one order and waits for its answer (the words after the tag). `timeoutMs` 0 waits for ever. */
  async call(
    order: "launch" | "exec" | "delete",
    args: readonly (string | number)[],
    timeoutMs: number,
  ): Promise<readonly string[]> {
    await this.ready();
    const tag = String(this.#nextTag++);
    return new Promise((resolve, reject) => {
      const timer =
        timeoutMs === 0
          ? undefined
          : setTimeout(() => {
              this.#calls.delete(tag);
              reject(fault(`${order} did not answer within ${String(timeoutMs)} ms`));
            }, timeoutMs);
      this.#calls.set(tag, { resolve, reject, timer });
      this.#child?.stdin.write(`${[order, tag, ...args].join(" ")}\n`);
    });
  }

  /** Ends the process; what it has started goes on. */
  async close(): Promise<void> {
    const child = this.#child;
    if (child === undefined) return;
    await new Promise<void>((resolve) => {
      child.once("exit", () => resolve());
      child.stdin.end();
    });
  }

  #start(): Promise<void> {
    return new Promise((resolve, reject) => {
      const o = this.#options;
      const child = spawn(
        "unshare",
        ["--mount", "--propagation", "slave", loggerProgram, launcherScript].concat(
          [o.runDir, o.runtimePath, o.hybridMount, String(process.pid), o.cgroupParent, o.mark],
          [loggerScript, runtimeScript, o.ownGroupFile],
        ),
        { env: { PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin" } },
      );
      this.#child = child;
      let words = "";
      let rest = "";
      const timer = setTimeout(() => child.kill("SIGKILL"), limits.launcherReadyTimeoutMs);
      child.stderr.on("data", (chunk: Buffer) => {
        words = (words + chunk.toString()).slice(-limits.runtimeWordsMax);
      });
      child.stdout.on("data", (chunk: Buffer) => {
        const lines = (rest + chunk.toString()).split("\n");
        rest = lines.pop() ?? "";
        for (const line of lines) {
          if (line === "ready") {
            clearTimeout(timer);
            resolve();
          } else if (line.startsWith("unready ")) words = `${line.slice(8)} failed: ${words}`;
          else this.#answer(line);
        }
      });
      child.stdin.on("error", () => undefined);
      const ended = (why: string): void => {
        clearTimeout(timer);
        this.#child = undefined;
        this.#ready = undefined;
        reject(fault(`${why}${words === "" ? "" : `: ${words.trim()}`}`));
        for (const tag of this.#calls.keys()) this.#failCall(tag, why);
      };
      child.on("error", (error) => ended(`cannot start unshare: ${error.message}`));
      child.on("exit", (code, signal) => ended(`the launcher ended (${String(signal ?? code)})`));
    });
  }

  #answer(line: string): void {
    const [tag, ...words] = line.split(" ");
    const call = this.#take(tag ?? "");
    call?.resolve(words);
  }

  #failCall(tag: string, why: string): void {
    this.#take(tag)?.reject(fault(why));
  }

  #take(tag: string): Call | undefined {
    const call = this.#calls.get(tag);
    this.#calls.delete(tag);
    if (call?.timer !== undefined) clearTimeout(call.timer);
    return call;
  }
}

function fault(message: string): Fault {
  return new Fault("LAUNCHER", message, { retryable: true });
}
