import type { TaskState } from "@tutti/mesos-v1";
import type { Condition, Goal, IpAddress } from "@tutti/marathon-v2";

/** An agent's attribute as text, the way constraints and the API compare it. */
export interface AttributeText {
  readonly name: string;
  readonly text: string;
}

/** How the health of an instance stands; times are wall-clock milliseconds. */
export interface InstanceHealth {
  readonly alive: boolean;
  readonly consecutiveFailures: number;
  readonly firstSuccessMs?: number;
  readonly lastSuccessMs?: number;
  readonly lastFailureMs?: number;
  readonly lastFailureCause?: string;
}

/** Who acts on failed health checks: `none` where there is no check. */
export type HealthJudge = "none" | "executor" | "marathon";

/**
 * One instance of an app: one task on one agent. Durable before the task is launched.
 *
 * Invariant: `goal` only goes from Running to Decommissioned.
 */
export interface Instance {
  readonly id: string;
  readonly taskId: string;
  readonly appId: string;
  /** The version of the app it was launched with. */
  readonly version: string;
  /** `lastConfigChangeAt` of that version: instances with another one are outdated. */
  readonly configVersion: string;
  readonly goal: Goal;
  readonly condition: Condition;
  readonly taskState: TaskState;
  readonly role: string;
  readonly agentId: string;
  readonly host: string;
  readonly attributes: readonly AttributeText[];
  readonly region?: string;
  readonly zone?: string;
  readonly hostPorts: readonly number[];
  readonly ipAddresses: readonly IpAddress[];
  readonly healthJudge: HealthJudge;
  /** Failures after which Marathon kills, where it is the judge; 0 never. */
  readonly failuresMax: number;
  readonly health?: InstanceHealth;
  readonly stagedAtMs: number;
  readonly startedAtMs?: number;
  /** Since when the condition holds. */
  readonly sinceMs: number;
  /** Since when its agent is away. */
  readonly unreachableSinceMs?: number;
  /** Given up for lost: shown to nobody, counted nowhere, remembered in case it returns. */
  readonly lost?: boolean;
}

/** Whether its agent is away, or nothing is known of it. */
export function isUnreachable(instance: Instance): boolean {
  return instance.unreachableSinceMs !== undefined;
}

/** Whether it runs and, where it has a health check, is healthy: what deployments count. */
export function isReady(instance: Instance): boolean {
  return (
    instance.goal === "Running" &&
    instance.condition === "Running" &&
    (instance.healthJudge === "none" || instance.health?.alive === true)
  );
}

/** What an instance counts as in the decisions about its app. */
export type InstanceClass =
  /** Meant to run and expected to: counts towards the number wanted. */
  | "live"
  /** On its way out on an agent that is there: still takes its place. */
  | "killing"
  /** Its agent is away and it was replaced or given up: counts nowhere. */
  | "away";

/** The class of an instance. */
export function classOf(instance: Instance): InstanceClass {
  if (instance.lost === true || instance.condition === "UnreachableInactive") return "away";
  if (instance.goal === "Running") return "live";
  return isUnreachable(instance) ? "away" : "killing";
}

/** The first part of instance and task ids: `/shop/web` is `shop_web`. */
export function idPrefixOf(appId: string): string {
  return appId.slice(1).replaceAll("/", "_");
}

/** The app of a task id that Marathon made, or undefined. */
export function appIdOfTask(taskId: string): string | undefined {
  const match = /^(.+)\.(?:instance|marathon)-[^.]+/.exec(taskId);
  return match?.[1] === undefined ? undefined : `/${match[1].replaceAll("_", "/")}`;
}

/** The instance id in a task id that Marathon made, or the task id itself. */
export function instanceIdOfTask(taskId: string): string {
  return /^(.+\.(?:instance|marathon)-[^.]+)/.exec(taskId)?.[1] ?? taskId;
}
