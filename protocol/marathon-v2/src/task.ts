import type { TaskState } from "@tutti/mesos-v1";

/** What an instance is meant to be. Nobody but Marathon sets it. */
export type Goal = "Running" | "Stopped" | "Decommissioned";

/** What an instance is, as `/v2` and the events name it. */
export type Condition =
  | "Created"
  | "Staging"
  | "Starting"
  | "Running"
  | "Killing"
  | "Killed"
  | "Finished"
  | "Failed"
  | "Error"
  | "Gone"
  | "Dropped"
  | "Unknown"
  | "Unreachable"
  | "UnreachableInactive";

/** The condition that a task state means (Marathon 1.11, `TaskCondition`). */
export const conditionOfState: Readonly<Record<TaskState, Condition>> = {
  TASK_STAGING: "Staging",
  TASK_STARTING: "Starting",
  TASK_RUNNING: "Running",
  TASK_KILLING: "Killing",
  TASK_FINISHED: "Finished",
  TASK_FAILED: "Failed",
  TASK_KILLED: "Killed",
  TASK_ERROR: "Error",
  TASK_LOST: "Gone",
  TASK_DROPPED: "Dropped",
  TASK_UNREACHABLE: "Unreachable",
  TASK_GONE: "Gone",
  TASK_GONE_BY_OPERATOR: "Gone",
  TASK_UNKNOWN: "Unknown",
};

/** The verdict of a task's health check. */
export interface Health {
  readonly alive: boolean;
  readonly consecutiveFailures: number;
  readonly firstSuccess?: string;
  readonly instanceId: string;
  readonly lastSuccess?: string;
  readonly lastFailure?: string;
  readonly lastFailureCause?: string;
}

/** An address of a task. */
export interface IpAddress {
  readonly ipAddress: string;
  readonly protocol: "IPv4" | "IPv6";
}

/** A task as `/v2/tasks` and `apps.tasks` show it. */
export interface Task {
  readonly appId: string;
  readonly healthCheckResults?: readonly Health[];
  readonly host: string;
  readonly id: string;
  readonly ipAddresses: readonly IpAddress[];
  readonly ports: readonly number[];
  readonly servicePorts: readonly number[];
  readonly slaveId: string;
  readonly state: TaskState;
  readonly stagedAt?: string;
  readonly startedAt?: string;
  readonly version: string;
  readonly localVolumes: readonly never[];
  readonly region?: string;
  readonly zone?: string;
  readonly role: string;
}

/** The last failure of a task of an app. */
export interface TaskFailure {
  readonly appId: string;
  readonly host: string;
  readonly message: string;
  readonly state: string;
  readonly taskId: string;
  readonly timestamp: string;
  readonly version: string;
  readonly slaveId: string;
}

/** Tasks of a group of instances, counted. */
export interface TaskCounts {
  readonly staged: number;
  readonly running: number;
  readonly healthy: number;
  readonly unhealthy: number;
}

/** Counts and life times of a group of instances. */
export interface TaskStats {
  readonly stats: {
    readonly counts: TaskCounts;
    readonly lifeTime?: { readonly averageSeconds: number; readonly medianSeconds: number };
  };
}

/** `taskStats` of an app. Groups without instances are absent. */
export interface TaskStatsByVersion {
  readonly startedAfterLastScaling?: TaskStats;
  readonly withLatestConfig?: TaskStats;
  readonly withOutdatedConfig?: TaskStats;
  readonly totalSummary?: TaskStats;
}
