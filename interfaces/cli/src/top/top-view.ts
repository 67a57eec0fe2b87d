import type { NodeStatus } from "../nodes.ts";

/** Cpus, or MB of memory. */
export interface TopAmount {
  /** Really used by tasks; null: not known (yet). */
  readonly used: number | null;
  /** Promised to tasks. */
  readonly allocated: number;
}

/** The same of something that has a bound. */
export interface BoundedAmount extends TopAmount {
  readonly total: number;
}

/** A machine at a glance. */
export interface TopMachine {
  readonly name: string;
  readonly ip: string;
  readonly public: boolean;
  /** `silent`: registered, but its agent does not answer in time. */
  readonly status: NodeStatus | "silent";
  readonly tasks: number;
  /** Null: not registered. */
  readonly cpus: BoundedAmount | null;
  readonly mem: BoundedAmount | null;
}

/** An app at a glance. */
export interface TopApp {
  readonly id: string;
  readonly instances: number;
  readonly running: number;
  readonly healthy: number;
  readonly hasHealthChecks: boolean;
  readonly isDeploying: boolean;
  readonly cpus: TopAmount;
  readonly mem: TopAmount;
}

/** The cluster at one moment, as `tutti top --json` shows it. */
export interface TopView {
  readonly at: string;
  readonly cluster: string | null;
  readonly machines: readonly TopMachine[];
  readonly apps: readonly TopApp[];
  readonly totals: {
    readonly tasks: number;
    readonly cpus: BoundedAmount;
    readonly mem: BoundedAmount;
  };
  /** What could not be asked, a sentence each. */
  readonly problems: readonly string[];
}
