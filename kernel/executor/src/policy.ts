import type { CommandInfo } from "@tutti/mesos-v1";
import type { Drain } from "./drain.ts";

/** What a check does. Ports are those of the machine the task runs on. */
export type Probe =
  | { readonly type: "command"; readonly command: CommandInfo }
  | {
      readonly type: "http";
      readonly scheme: "http" | "https";
      readonly family: "IPv4" | "IPv6";
      readonly port: number;
      readonly path: string;
    }
  | { readonly type: "tcp"; readonly family: "IPv4" | "IPv6"; readonly port: number };

/** When a check is made: first after `delayMs`, then `intervalMs` after each result. */
export interface CheckPolicy {
  readonly probe: Probe;
  readonly delayMs: number;
  readonly intervalMs: number;
  readonly timeoutMs: number;
}

/** A check that says whether the task is healthy. */
export interface HealthPolicy extends CheckPolicy {
  /** Failures this long after the start count for nothing until the first success. */
  readonly gracePeriodMs: number;
  /** As many failures in a row kill the task. */
  readonly consecutiveFailures: number;
  /** Failures are reported and never kill. */
  readonly reportOnly: boolean;
}

/** What the executor knows of its task: read once from the definition, never stored. */
export interface TaskPolicy {
  readonly killGraceMs: number;
  /** Whether the framework understands TASK_KILLING. */
  readonly killingState: boolean;
  /** How SIGTERM is held after TASK_KILLING; absent when nothing is held. */
  readonly drain?: Drain;
  /** From TASK_RUNNING on. */
  readonly completionMsMax?: number;
  readonly health?: HealthPolicy;
  readonly check?: CheckPolicy;
  /** For the message of a task that was killed for memory. */
  readonly memLimitMb?: number;
}
