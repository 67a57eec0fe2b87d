import type { TaskState, TaskStatusReason } from "./gen/mesos.ts";

/** What can be done with a task or be expected of it, and in which states. */
export const taskCan = {
  /** A kill has an effect: the task may still be made to end. */
  kill: ["TASK_STAGING", "TASK_STARTING", "TASK_RUNNING", "TASK_KILLING", "TASK_UNREACHABLE"],
  /** It holds resources of its agent. */
  useResources: ["TASK_STAGING", "TASK_STARTING", "TASK_RUNNING", "TASK_KILLING"],
  /** Its command may be running and answer health checks. */
  run: ["TASK_STARTING", "TASK_RUNNING", "TASK_KILLING"],
  /** It will be told of again without any doing of the framework's. */
  comeBack: ["TASK_LOST", "TASK_UNREACHABLE", "TASK_UNKNOWN"],
  /** Its sandbox and logs may be read. */
  showSandbox: [
    "TASK_STARTING",
    "TASK_RUNNING",
    "TASK_KILLING",
    "TASK_FINISHED",
    "TASK_FAILED",
    "TASK_KILLED",
  ],
} as const satisfies Readonly<Record<string, readonly TaskState[]>>;

/** How final each state is: the compiler asks for every new one. */
const finality = {
  TASK_STAGING: "active",
  TASK_STARTING: "active",
  TASK_RUNNING: "active",
  TASK_KILLING: "active",
  TASK_UNREACHABLE: "unreachable",
  TASK_UNKNOWN: "unreachable",
  TASK_FINISHED: "terminal",
  TASK_FAILED: "terminal",
  TASK_KILLED: "terminal",
  TASK_ERROR: "terminal",
  TASK_LOST: "terminal",
  TASK_DROPPED: "terminal",
  TASK_GONE: "terminal",
  TASK_GONE_BY_OPERATOR: "terminal",
} as const satisfies Readonly<Record<TaskState, "active" | "unreachable" | "terminal">>;

/** A state that no other state follows. TASK_LOST counts, though its task may turn up again. */
export type TerminalTaskState = {
  [S in TaskState]: (typeof finality)[S] extends "terminal" ? S : never;
}[TaskState];

/** All states that no other state follows. */
export const terminalTaskStates: readonly TaskState[] = (
  Object.keys(finality) as TaskState[]
).filter(isTerminal);

/** Whether no other state follows: the task holds nothing any more. */
export function isTerminal(state: TaskState): state is TerminalTaskState {
  return finality[state] === "terminal";
}

/** Whether the master does not know now what the task does; it may return. */
export function isUnreachable(state: TaskState): boolean {
  return finality[state] === "unreachable";
}

/** Whether the action of `taskCan` is possible in this state. */
export function canTask(action: keyof typeof taskCan, state: TaskState): boolean {
  return (taskCan[action] as readonly TaskState[]).includes(state);
}

/**
 * The state that a framework without the capability PARTITION_AWARE is told instead: such frameworks
 * know only TASK_LOST for tasks that are out of sight, dropped or gone. Rule TSK3.
 */
export function stateForPartitionUnaware(state: TaskState): TaskState {
  switch (state) {
    case "TASK_UNREACHABLE":
    case "TASK_DROPPED":
    case "TASK_GONE":
    case "TASK_GONE_BY_OPERATOR":
    case "TASK_UNKNOWN":
      return "TASK_LOST";
    case "TASK_STAGING":
    case "TASK_STARTING":
    case "TASK_RUNNING":
    case "TASK_KILLING":
    case "TASK_FINISHED":
    case "TASK_FAILED":
    case "TASK_KILLED":
    case "TASK_ERROR":
    case "TASK_LOST":
      return state;
  }
}

/** Why a status was sent, by what the reason is used for; each reason stands in one group. */
export const taskReasons = {
  /** The master refused to launch: TASK_ERROR, or TASK_DROPPED for REASON_INVALID_OFFERS. */
  refusedLaunch: [
    "REASON_INVALID_FRAMEWORKID",
    "REASON_INVALID_OFFERS",
    "REASON_RESOURCES_UNKNOWN",
    "REASON_TASK_GROUP_INVALID",
    "REASON_TASK_GROUP_UNAUTHORIZED",
    "REASON_TASK_INVALID",
    "REASON_TASK_UNAUTHORIZED",
  ],
  /** The launch did not come to a running container. */
  failedLaunch: [
    "REASON_CONTAINER_LAUNCH_FAILED",
    "REASON_CONTAINER_UPDATE_FAILED",
    "REASON_EXECUTOR_REGISTRATION_TIMEOUT",
    "REASON_GC_ERROR",
    "REASON_TASK_KILLED_DURING_LAUNCH",
  ],
  /** A bound of the container or of time ended the task. */
  limitation: [
    "REASON_CONTAINER_LIMITATION",
    "REASON_CONTAINER_LIMITATION_DISK",
    "REASON_CONTAINER_LIMITATION_MEMORY",
    "REASON_CONTAINER_PREEMPTED",
    "REASON_MAX_COMPLETION_TIME_REACHED",
  ],
  /** The executor went away, and the task with it. */
  executor: [
    "REASON_COMMAND_EXECUTOR_FAILED",
    "REASON_EXECUTOR_REREGISTRATION_TIMEOUT",
    "REASON_EXECUTOR_TERMINATED",
    "REASON_EXECUTOR_UNREGISTERED",
    "REASON_IO_SWITCHBOARD_EXITED",
  ],
  /** The agent went away, came back, or is being emptied. */
  agent: [
    "REASON_AGENT_DISCONNECTED",
    "REASON_AGENT_DRAINING",
    "REASON_AGENT_REMOVED",
    "REASON_AGENT_REMOVED_BY_OPERATOR",
    "REASON_AGENT_REREGISTERED",
    "REASON_AGENT_RESTARTED",
    "REASON_AGENT_UNKNOWN",
  ],
  /** The framework or the master went away. */
  framework: ["REASON_FRAMEWORK_REMOVED", "REASON_MASTER_DISCONNECTED"],
  /** The state is the same, something known of the task has changed. */
  news: ["REASON_TASK_CHECK_STATUS_UPDATED", "REASON_TASK_HEALTH_CHECK_STATUS_UPDATED"],
  /** Answers to RECONCILE and to a kill of an unknown task; they carry no uuid. */
  reconciliation: ["REASON_RECONCILIATION", "REASON_TASK_UNKNOWN"],
} as const satisfies Readonly<Record<string, readonly TaskStatusReason[]>>;
