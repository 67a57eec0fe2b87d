/** How the command of a container is given. */
export type ContainerCommand =
  /** `/bin/sh -c value`. */
  | { readonly type: "shell"; readonly value: string }
  /** Executed as is; `argv[0]` is what the program sees as its name. */
  | { readonly type: "exec"; readonly path: string; readonly argv: readonly string[] };

/** All that a runtime needs to start one container. Made by the agent, made durable before the launch. */
export interface ContainerSpec {
  /** Unique on this machine for ever. */
  readonly containerId: string;
  readonly command: ContainerCommand;
  readonly env: Readonly<Record<string, string>>;
  /** Name of a user of the machine. */
  readonly user: string;
  /** Absolute path; exists, belongs to `user`; the working directory; holds `stdout` and `stderr`. */
  readonly sandboxDir: string;
  readonly limits: ContainerLimits;
  /** How large `stdout` and `stderr` may become; absent = two megabytes in each of ten files. */
  readonly logs?: { readonly stdout: LogBound; readonly stderr: LogBound };
  /** Network namespace and file system are the machine's; own pid, mount and ipc namespaces. */
  readonly rootfs: { readonly type: "host" };
}

/** The bound of one output: `name`, `name.1` (the one before) … `name.N`, N = `filesMax` − 1. */
export interface LogBound {
  /** Bytes of one file at most. */
  readonly bytesMax: number;
  /** Files at most, the one that is written included; at least 1. */
  readonly filesMax: number;
}

export interface ContainerLimits {
  /** Thousandths of a cpu asked for: cpu shares (v1) or weight (v2). */
  readonly cpusMilli: number;
  /** Thousandths of a cpu at most (CFS quota); absent = unlimited. */
  readonly cpusLimitMilli?: number;
  /** Hard memory limit in bytes, swap included. */
  readonly memoryBytes: number;
  readonly pidsMax: number;
}

/** How a container ended. */
export interface ContainerExit {
  /** 0–255 when it exited by itself. */
  readonly exitCode?: number;
  /** Signal number when it was ended by one. */
  readonly signal?: number;
  /** The kernel killed for memory inside the container's cgroup. */
  readonly oomKilled: boolean;
  /** The supervisor is gone and nobody knows how it ended. */
  readonly unknown?: true;
}

/** What a container is now, as found on the machine. */
export type ContainerState =
  | { readonly type: "running"; readonly pid: number }
  | { readonly type: "exited"; readonly exit: ContainerExit }
  /** Nothing of it was ever started, or it was destroyed. */
  | { readonly type: "absent" };

/**
 * Starts, watches and ends containers. Two sides: `oci` (conmon + crun, else runc) and `process` (plain
 * supervised processes, where the machine allows no containers). Containers outlive this process.
 */
export interface Containerizer {
  readonly kind: "oci" | "process";
  /**
   * Finds again what runs on the machine (after a restart) and begins to watch it. The answer also holds
   * containers of this agent that were not asked for.
   */
  recover(containerIds: readonly string[]): Promise<ReadonlyMap<string, ContainerState>>;
  /**
   * Starts the container; resolves when its first process runs. Idempotent: one that runs already is
   * left as it is. Throws a `Fault` whose message says which step failed, with the runtime's own words.
   */
  launch(spec: ContainerSpec): Promise<{ readonly pid: number }>;
  /** Sends a signal to the first process of the container; nothing happens when it has ended. */
  signal(containerId: string, signal: number): Promise<void>;
  /** Kills everything in the container and removes all of it except the sandbox. Idempotent. */
  destroy(containerId: string): Promise<void>;
  /**
   * Runs a command inside the container (its namespaces, user, limits) and waits for it, at most
   * `timeoutMs`: then it is killed and `timedOut` is set.
   */
  exec(
    containerId: string,
    command: ContainerCommand,
    options: { readonly env: Readonly<Record<string, string>>; readonly timeoutMs: number },
  ): Promise<{ readonly exitCode?: number; readonly signal?: number; readonly timedOut?: true }>;
  /** What the container uses, for metrics. */
  usage(
    containerId: string,
  ): Promise<{ readonly cpuSeconds: number; readonly memoryBytes: number } | undefined>;
  /** Called once for each container that ends, also for one that ended while nobody watched. */
  onExit(exited: (containerId: string, exit: ContainerExit) => void): void;
  /** Stops watching; leaves the containers running. */
  close(): Promise<void>;
}
