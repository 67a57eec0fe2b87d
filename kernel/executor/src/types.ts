import type { CheckStatusInfo, TaskStatus } from "@tutti/mesos-v1";
import type { Probe } from "./policy.ts";

/** The two clocks of a step: `monoMs` for deadlines, `wallMs` for what outlives the process. */
export interface ExecutorClock {
  readonly monoMs: number;
  readonly wallMs: number;
}

/** How a command ended, as the containerizer tells it. */
export interface CommandExit {
  /** 0–255 when it exited by itself. */
  readonly exitCode?: number;
  /** Signal number when one ended it. */
  readonly signal?: number;
  /** The kernel killed for memory inside the container. */
  readonly oomKilled: boolean;
  /** Nobody knows how it ended. */
  readonly unknown?: true;
}

/** Why a running task is being ended. */
export type KillCause = "requested" | "health" | "maxCompletionTime";

/** What the health check has found so far. */
export interface HealthState {
  /** The grace period is over with the first success. */
  readonly everHealthy: boolean;
  /** As last reported; absent before the first report. */
  readonly healthy?: boolean;
  readonly consecutiveFailures: number;
}

/**
 * The life of a command task: what must survive a restart of the agent. JSON as it stands.
 * `starting` → `running` → `killing` → `ended`; `starting` and `running` may end at once.
 */
export type ExecutorState =
  /** The launch is durable; whether the command runs is not known. `killed`: to end as soon as it does. */
  | { readonly phase: "starting"; readonly killed: boolean }
  | {
      readonly phase: "running";
      readonly sinceWallMs: number;
      readonly health: HealthState;
      readonly checkStatus?: CheckStatusInfo;
    }
  /**
   * SIGTERM was ordered at `sinceWallMs`; SIGKILL follows after `graceMs`. With `heldMs` the kill was ordered
   * then and SIGTERM follows after so long: the grace has not begun.
   */
  | {
      readonly phase: "killing";
      readonly cause: KillCause;
      readonly sinceWallMs: number;
      readonly graceMs: number;
      readonly heldMs?: number;
    }
  | { readonly phase: "ended" };

/** The part of a status update that the executor decides; ids, time and container are the agent's. */
export type StatusDraft = Pick<
  TaskStatus,
  "state" | "message" | "reason" | "source" | "healthy" | "check_status" | "labels" | "limitation"
>;

/** Whether a check is the task's `health_check` or its `check`. */
export type CheckPurpose = "health" | "check";

/** What the agent must do, in this order. All of it may be done twice. */
export type ExecutorAction =
  | { readonly type: "signal"; readonly signal: number }
  /** Kill everything in the container. */
  | { readonly type: "destroy" }
  /** Make a check and answer with `checkResult` in any case, after `timeoutMs` at the latest. */
  | {
      readonly type: "runCheck";
      readonly purpose: CheckPurpose;
      readonly attempt: number;
      readonly probe: Probe;
      readonly timeoutMs: number;
    };

/** What a check has found. */
export type ProbeResult =
  | { readonly type: "command"; readonly exitCode?: number; readonly signal?: number }
  | { readonly type: "http"; readonly statusCode: number }
  | { readonly type: "tcp"; readonly succeeded: boolean }
  /** No answer: a deadline, a refused connection … The sentence says which. */
  | { readonly type: "failed"; readonly message: string }
  /** The agent could not make the check; it says nothing about the task. */
  | { readonly type: "skipped" };

/** What a step of the executor wants: updates in order, then actions in order. */
export interface Outcome {
  readonly updates: readonly StatusDraft[];
  readonly actions: readonly ExecutorAction[];
  /** The state must be made durable before any of it is done. */
  readonly changed: boolean;
}
