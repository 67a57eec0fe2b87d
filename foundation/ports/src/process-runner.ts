import type { Cancellation } from "@tutti/base";

/** How a command is run. */
export interface RunOptions {
  /** The whole environment; the caller's own is not inherited unless this is absent. */
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Sent to the command, then closed; absent means an empty input. */
  readonly stdin?: string | Uint8Array;
  /** By then the command and its process group are killed and the run fails with `TIMEOUT`. */
  readonly timeoutMs: number;
  /** Kills the command and its process group; the run fails with `ABORTED`. */
  readonly signal?: Cancellation;
  /** What is kept of each of stdout and stderr; more is read and dropped. Default 1 MiB. */
  readonly outputBytesMax?: number;
}

/** How a command ended, and the beginning of what it wrote. */
export interface RunOutcome {
  /** Undefined when a signal ended the command. */
  readonly exitCode: number | undefined;
  /** Name of the signal that ended the command, e.g. `SIGKILL`. */
  readonly signal: string | undefined;
  /** As UTF-8 text, at most `outputBytesMax` bytes. */
  readonly stdout: string;
  readonly stderr: string;
  /** Whether something was dropped from either. */
  readonly truncated: boolean;
}

/** Runs commands of the machine to their end. */
export interface ProcessRunner {
  /**
   * Runs `argv[0]`, looked up in the PATH, without a shell and in a process group of its own. An
   * exit code other than 0 is an outcome, not a fault. Throws a `Fault`: `TIMEOUT`, `ABORTED`, or the
   * system's code when the command could not be started (`ENOENT`, `EACCES`, `EAGAIN` …).
   *
   * A daemon that the command leaves behind with its output still open does not hold up the run.
   */
  run(argv: readonly string[], options: RunOptions): Promise<RunOutcome>;
}
