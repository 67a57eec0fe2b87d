import type { AgentInfo } from "@tutti/mesos-v1";

/** What the core is told about its machine and its orders. Nothing of it changes while it lives. */
export interface AgentConfig {
  /** Hostname, port, resources and attributes; without an id. */
  readonly info: AgentInfo;
  /** The machine's address, as tasks and status updates show it. */
  readonly ip: string;
  /** Its IPv6 address, where it has one to tell (Mesos: `--ip6`). */
  readonly ip6?: string;
  readonly port: number;
  readonly release: string;
  /** Changes when the machine boots. */
  readonly bootId: string;
  /** Addresses of the masters such as `http://10.0.0.1:5050`; at least one. */
  readonly masters: readonly string[];
  /** Absolute path under which the sandboxes lie. */
  readonly workDir: string;
  readonly users: UserPolicy;
  /** Whether a task may use no more than the cpus it asked for (CFS quota). */
  readonly cpuQuota: boolean;
  /** How long the sandbox of a task that is over is kept. */
  readonly sandboxKeptMs: number;
}

/** Under which users tasks may run. */
export interface UserPolicy {
  /** For tasks that name none; not root. */
  readonly defaultUser: string;
  /** Without it every task runs as `defaultUser`, because the agent is not root itself. */
  readonly switching: boolean;
  /** Whether a task may run as root when it or its framework says so. */
  readonly rootAllowed: boolean;
}
