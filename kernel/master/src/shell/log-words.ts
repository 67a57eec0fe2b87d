import type {
  AgentAbsence,
  FrameworkEnd,
  FrameworkReturn,
  MasterLogEntry,
} from "../core/log-entry.ts";

/** How important a line is. */
export type LogLevel = "debug" | "info" | "warn" | "error";

interface Words {
  readonly level: LogLevel;
  readonly message: string;
}

const absences: Readonly<Record<AgentAbsence, Words>> = {
  connected: { level: "info", message: "an agent has dialled again" },
  disconnected: { level: "info", message: "an agent is back" },
  recovered: { level: "info", message: "an agent is back after the election" },
  unreachable: { level: "warn", message: "an agent that was unreachable is back" },
};

const returns: Readonly<Record<FrameworkReturn, Words>> = {
  new: { level: "info", message: "a new framework has subscribed" },
  recovered: { level: "info", message: "a framework is back after the election" },
  disconnected: { level: "info", message: "a framework is back" },
  failedOver: {
    level: "warn",
    message: "a framework has subscribed again, its earlier stream is ended",
  },
};

const ends: Readonly<Record<FrameworkEnd, Words>> = {
  teardown: { level: "info", message: "a framework has ended itself, and its tasks" },
  operator: { level: "warn", message: "an operator has ended a framework, and its tasks" },
  failoverTimeout: {
    level: "warn",
    message:
      "a framework did not come back within its failover timeout: it is ended, and its tasks",
  },
  noFailoverTimeout: {
    level: "info",
    message: "a framework without a failover timeout has left: it is ended, and its tasks",
  },
};

/** A line of the log in words; what they are about stands in its fields. */
export function wordsOf(entry: MasterLogEntry): Words {
  switch (entry.what) {
    case "agentReturned":
      return absences[entry.from];
    case "frameworkSubscribed":
      return returns[entry.how];
    case "frameworkRemoved":
      return ends[entry.why];
    case "agentUnreachable":
      return {
        level: "warn",
        message:
          entry.why === "pings"
            ? "an agent has not answered its pings: it is unreachable, and its tasks"
            : "an agent has not come back since the election: it is unreachable",
      };
    case "leading":
    case "recoveryEnded":
    case "agentAdmitted":
    case "agentRefused":
    case "agentDisconnected":
    case "subscriptionRefused":
    case "frameworkDisconnected":
    case "launchRefused":
    case "taskLost":
    case "taskDoubled":
    case "agentDeactivated":
    case "agentReactivated":
    case "agentDraining":
    case "agentDrained":
    case "agentGone":
    case "agentMarkedGone":
    case "weightsChanged":
    case "quotaChanged":
    case "laterLeaderSeen":
    case "stalled":
      return plain[entry.what];
  }
}

type Special = "agentReturned" | "frameworkSubscribed" | "frameworkRemoved" | "agentUnreachable";

const plain: Readonly<Record<Exclude<MasterLogEntry["what"], Special>, Words>> = {
  leading: { level: "info", message: "this master leads" },
  recoveryEnded: { level: "info", message: "all agents of the registry are back or given up" },
  agentAdmitted: { level: "info", message: "a new agent is admitted" },
  agentRefused: { level: "warn", message: "an agent is refused" },
  agentDisconnected: { level: "warn", message: "an agent has hung up; its tasks are left alone" },
  subscriptionRefused: { level: "warn", message: "a framework is refused" },
  frameworkDisconnected: { level: "warn", message: "a framework has hung up" },
  launchRefused: { level: "warn", message: "a launch is refused" },
  taskLost: { level: "warn", message: "an agent is back without a task it had" },
  taskDoubled: {
    level: "warn",
    message: "an agent is back with a task whose id runs elsewhere: the older is killed",
  },
  agentDeactivated: { level: "info", message: "an operator has deactivated an agent" },
  agentReactivated: { level: "info", message: "an operator has reactivated an agent" },
  agentDraining: { level: "info", message: "an operator drains an agent: its tasks are killed" },
  agentDrained: { level: "info", message: "an agent is drained" },
  agentGone: { level: "info", message: "an agent is drained and given up for ever" },
  agentMarkedGone: { level: "info", message: "an operator gives an agent up for ever" },
  quotaChanged: { level: "info", message: "quota of roles is changed" },
  weightsChanged: { level: "info", message: "weights of roles are changed" },
  laterLeaderSeen: { level: "warn", message: "an agent has obeyed a later leader" },
  stalled: { level: "warn", message: "this process stood still" },
};
