import type { BoundedMap } from "@tutti/base";
import type { AgentId, FrameworkId, OfferId, RoleName, StreamId, TaskId } from "@tutti/ids";
import type { FrameworkInfo, Offer, SchedulerOfferConstraints, Task } from "@tutti/mesos-v1";
import type { Resources } from "@tutti/resources";
import type { AgentRecord } from "./events.ts";
import type { MasterTask, TaskKey } from "./tasks/master-task.ts";

/**
 * An agent that has registered with this master and is not unreachable.
 *
 * Invariant: `offered` is the sum of its offers, `used` of its tasks that are not terminal.
 */
export interface Agent {
  readonly id: AgentId;
  readonly record: AgentRecord;
  /** What it has, with static roles. */
  readonly total: Resources;
  readonly used: Resources;
  readonly offered: Resources;
  readonly isConnected: boolean;
  readonly reregisteredMs?: number;
}

/** An agent's present connection. Owned by the machine and changed in place. */
export interface Session {
  readonly agentId: AgentId;
  readonly connectionId: string;
  readonly sessionId: string;
  /** Number of the last message sent. */
  seqSent: number;
  /** Highest number of the agent's messages that was handled. */
  seqHandled: number;
  /** Launches and kills the agent has not acknowledged, by number. */
  readonly unacknowledged: Map<number, TaskKey>;
  /** Number of the last `drainAgent`; undefined: none was sent. */
  drainSeq: number | undefined;
  /** Whether the agent has acknowledged that one: then it launches nothing of before any more. */
  isDrainKnown: boolean;
}

/** How an agent answers pings. Owned by the machine and changed in place. */
export interface Liveness {
  missedPings: number;
  isAnswered: boolean;
}

/**
 * A framework. `recovered`: known from agents only, not yet subscribed with this master.
 *
 * Invariant: `streamId` is present exactly when `status` is `active`.
 */
export interface Framework {
  readonly id: FrameworkId;
  readonly info: FrameworkInfo;
  readonly status: "active" | "disconnected" | "recovered";
  readonly roles: readonly RoleName[];
  readonly suppressedRoles: ReadonlySet<RoleName>;
  readonly capabilities: ReadonlySet<string>;
  readonly offerConstraints?: SchedulerOfferConstraints;
  readonly streamId?: StreamId;
  /** `scheduler-<uuid>@ip:port`, absent until it has subscribed. */
  readonly pid?: string;
  /** Name of the principal that subscribed: under its rights the tasks run. */
  readonly principalName: string;
  /** 0 until it has subscribed with this master. */
  readonly registeredMs: number;
  readonly reregisteredMs?: number;
  /** Scalars only: the same port on two agents is two ports, which a sum cannot say. */
  readonly used: Resources;
  /** Scalars only. */
  readonly offered: Resources;
}

/** A framework's tasks. Owned by the machine and changed in place. */
export interface FrameworkTasks {
  /** Not yet ended, or ended and not yet acknowledged. */
  readonly active: Map<TaskId, MasterTask>;
  readonly unreachable: BoundedMap<TaskId, MasterTask>;
  /** By running number: a task id may have been used again. */
  readonly completed: BoundedMap<number, Task>;
  completedCount: number;
}

/** A framework that has ended, with the history of its tasks. */
export interface CompletedFramework {
  readonly framework: Framework;
  readonly unregisteredMs: number;
  readonly tasks: FrameworkTasks;
}

/** Resources held out to a framework. */
export interface OpenOffer {
  readonly id: OfferId;
  readonly frameworkId: FrameworkId;
  readonly agentId: AgentId;
  readonly role: RoleName;
  /** With `allocation_info`. */
  readonly resources: Resources;
  /** As it was sent. */
  readonly offer: Offer;
}

/** An agent that did not answer and was given up for the time being. */
export interface UnreachableAgent {
  readonly id: AgentId;
  readonly record: AgentRecord;
  readonly unreachableMs: number;
}
