import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import type { Readable } from "node:stream";
import { Fault } from "@tutti/base";
import type { ProcessRunner, RunOptions, RunOutcome } from "../process-runner.ts";

const OUTPUT_BYTES_MAX = 1024 * 1024;
/** How long output is still read after the command has exited, when somebody holds it open. */
const DRAIN_MS_MAX = 250;
/** Causes of a failed start that may pass by themselves. */
const RETRYABLE = new Set(["EAGAIN", "EMFILE", "ENFILE", "ENOMEM", "ETXTBSY"]);

/** Runs commands as child processes of this process. */
export const nodeProcessRunner: ProcessRunner = {
  run: (argv, options) =>
    new Promise((resolve, reject) => {
      runOnce(argv, options, { resolve, reject });
    }),
};

interface Answer {
  readonly resolve: (outcome: RunOutcome) => void;
  readonly reject: (fault: Fault) => void;
}

function runOnce(argv: readonly string[], options: RunOptions, answer: Answer): void {
  const [command, ...args] = argv;
  if (command === undefined || command === "") {
    answer.reject(new Fault("ENOENT", "There is no command to run.", { retryable: false }));
    return;
  }
  if (options.signal?.aborted === true) {
    answer.reject(abortedFault(command));
    return;
  }
  let child: ChildProcess;
  try {
    child = spawn(command, args, {
      detached: true,
      stdio: [options.stdin === undefined ? "ignore" : "pipe", "pipe", "pipe"],
      ...(options.env === undefined ? {} : { env: { ...options.env } }),
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    });
  } catch (cause) {
    answer.reject(startFault(command, cause));
    return;
  }
  follow(child, command, options, answer);
}

function follow(child: ChildProcess, command: string, options: RunOptions, answer: Answer): void {
  const bytesMax = options.outputBytesMax ?? OUTPUT_BYTES_MAX;
  const stdout = collect(child.stdout, bytesMax);
  const stderr = collect(child.stderr, bytesMax);
  let fault: Fault | undefined;
  let drain: NodeJS.Timeout | undefined;
  const kill = (why: Fault): void => {
    fault ??= why;
    killGroup(child);
  };
  const abort = (): void => kill(abortedFault(command));
  const deadline = setTimeout(() => {
    kill(
      new Fault("TIMEOUT", `${command} did not end within ${options.timeoutMs} ms.`, {
        retryable: true,
      }),
    );
  }, options.timeoutMs);
  const release = (): void => {
    clearTimeout(deadline);
    clearTimeout(drain);
    options.signal?.removeEventListener("abort", abort);
  };
  options.signal?.addEventListener("abort", abort);
  child.on("error", (cause) => {
    if (child.pid !== undefined) return;
    release();
    answer.reject(startFault(command, cause));
  });
  child.on("exit", () => {
    drain = setTimeout(() => {
      child.stdout?.destroy();
      child.stderr?.destroy();
    }, DRAIN_MS_MAX);
  });
  child.on("close", (exitCode, signal) => {
    if (child.pid === undefined) return;
    release();
    if (fault !== undefined) answer.reject(fault);
    else {
      answer.resolve({
        exitCode: exitCode ?? undefined,
        signal: signal ?? undefined,
        stdout: stdout.text(),
        stderr: stderr.text(),
        truncated: stdout.truncated() || stderr.truncated(),
      });
    }
  });
  sendInput(child, options.stdin);
}

interface Collected {
  text(): string;
  truncated(): boolean;
}

function collect(stream: Readable | null, bytesMax: number): Collected {
  const chunks: Buffer[] = [];
  let keptBytes = 0;
  let seenBytes = 0;
  stream?.on("data", (chunk: Buffer) => {
    seenBytes += chunk.length;
    const kept = chunk.subarray(0, bytesMax - keptBytes);
    keptBytes += kept.length;
    if (kept.length > 0) chunks.push(kept);
  });
  stream?.on("error", () => stream.destroy());
  return {
    text: () => Buffer.concat(chunks).toString("utf8"),
    truncated: () => seenBytes > keptBytes,
  };
}

/** A command may end without reading its input: a broken pipe is then no fault of the run. */
function sendInput(child: ChildProcess, stdin: string | Uint8Array | undefined): void {
  if (stdin === undefined || child.stdin === null) return;
  child.stdin.on("error", () => child.stdin?.destroy());
  child.stdin.end(stdin);
}

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, "SIGKILL");
  } catch {
    // The group is gone already: its end is on the way.
  }
}

function startFault(command: string, cause: unknown): Fault {
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "EUNKNOWN";
  return new Fault(code, `${command} could not be started: ${code}.`, {
    retryable: RETRYABLE.has(code),
    cause,
  });
}

function abortedFault(command: string): Fault {
  return new Fault("ABORTED", `${command} was cancelled.`, { retryable: false });
}
