import type {
  AgentInfo,
  FrameworkInfo,
  KillPolicy,
  Task,
  TaskInfo,
  TaskStatus,
} from "@tutti/mesos-v1";

/** Versions of this language that this release speaks (N and N−1). */
export const nodeVersions = { min: 1, max: 1 } as const;

/** Paths on the master's port, and the header that names an agent's session. */
export const nodePaths = { stream: "/node/v1/stream", messages: "/node/v1/messages" } as const;
export const nodeSessionHeader = "tutti-session";

/**
 * The body of `POST /node/v1/stream` (JSON): an agent offers itself to the leading master.
 * The answer is a RecordIO stream of `MasterEnvelope`s (JSON), the first a `welcome` or a `refused`.
 * Not the leader: 307 to the leader; no leader or recovery unfinished: 503; wrong secret: 401.
 */
export interface AgentHello {
  readonly versionMin: number;
  readonly versionMax: number;
  readonly capabilities: readonly string[];
  /** Changes when the machine boots: then no task of before can be alive. */
  readonly bootId: string;
  /** With `id` when the agent was admitted before. Holds resources, attributes, hostname, port. */
  readonly agent: AgentInfo;
  /** The agent's own release, e.g. `0.1.0`. */
  readonly release: string;
  /** Highest leader epoch this agent has obeyed: a master with a lower one must refuse itself. */
  readonly epochSeen: number;
  /** Every task the agent holds that is not terminal-and-acknowledged, with its statuses. */
  readonly tasks: readonly Task[];
  /** The frameworks of those tasks. */
  readonly frameworks: readonly FrameworkInfo[];
}

/** One message of the master. `seq` counts from 1 in each session; an agent handles each once, in order. */
export interface MasterEnvelope {
  /** The leader's epoch; an agent that has seen a higher one refuses the message and redials. */
  readonly epoch: number;
  readonly seq: number;
  readonly message: MasterMessage;
}

export type MasterMessage =
  /** Admitted, durably. The agent makes `agentId` durable before it goes on. */
  | {
      readonly type: "welcome";
      readonly version: number;
      readonly sessionId: string;
      readonly agentId: string;
      readonly clusterId: string;
      readonly pingIntervalMs: number;
      /** Without a ping for this long the agent redials. */
      readonly pingTimeoutMs: number;
    }
  /** Not admitted. `final`: never try again with this identity (gone, draining done); else retry later. */
  | {
      readonly type: "refused";
      readonly code: string;
      readonly reason: string;
      readonly final: boolean;
    }
  | { readonly type: "ping" }
  /** Run a task. Sent again in the next session until its `seq` was acknowledged; known task ids are ignored. */
  | {
      readonly type: "launchTask";
      readonly framework: FrameworkInfo;
      readonly task: TaskInfo;
      /** Who asked: decides under which user and with which rights the task may run. */
      readonly principal: string;
    }
  | {
      readonly type: "killTask";
      readonly frameworkId: string;
      readonly taskId: string;
      readonly killPolicy?: KillPolicy;
    }
  /**
   * An operator drains the agent: kill all its tasks, each within its own grace and within `maxGraceMs`. Sent only to
   * agents with the capability AGENT_DRAINING, again in every session until the drain is over. With `markGone` the
   * agent is given up for ever once it is empty.
   */
  | { readonly type: "drainAgent"; readonly maxGraceMs?: number; readonly markGone: boolean }
  /** The scheduler has this update: the agent may forget it and send the task's next. */
  | {
      readonly type: "acknowledgeStatus";
      readonly frameworkId: string;
      readonly taskId: string;
      readonly uuid: string;
    }
  /** The framework is gone: kill its tasks, send no more updates for them. */
  | { readonly type: "shutdownFramework"; readonly frameworkId: string }
  /** The framework's info changed (new roles, failover timeout, name …). */
  | { readonly type: "updateFramework"; readonly framework: FrameworkInfo };

/** The body of `POST /node/v1/messages` (JSON), answered 202; 410 when the session is over: dial again. */
export interface AgentPost {
  /** Highest master `seq` whose message is durable or done at the agent. */
  readonly acknowledged: number;
  readonly messages: readonly AgentEnvelope[];
}

/** One message of the agent. `seq` counts from 1 in each session. */
export interface AgentEnvelope {
  readonly seq: number;
  readonly message: AgentMessage;
}

export type AgentMessage =
  /** Answers `ping`. */
  | { readonly type: "pong" }
  /**
   * A checkpointed update of a task: sent again (10 s, then doubled up to 10 min) and in every new
   * session until acknowledged by its uuid; the next update of that task waits for it.
   */
  | {
      readonly type: "statusUpdate";
      readonly frameworkId: string;
      readonly status: TaskStatus;
      /** The newest state the agent knows, which may be ahead of `status.state`. */
      readonly latestState: TaskStatus["state"];
    };
