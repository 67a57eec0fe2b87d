import type { AgentId, StreamId } from "@tutti/ids";
import type {
  AgentInfo,
  MasterCall,
  MasterEvent as OperatorEvent,
  SchedulerCall,
  SchedulerEvent,
} from "@tutti/mesos-v1";
import type { AgentHello, AgentPost, MasterEnvelope } from "@tutti/node-v1";
import type { MasterLogEntry } from "./log-entry.ts";
import type { Principal } from "./principal.ts";
import type { MasterRefusal } from "./refusal.ts";

/**
 * What happens to a master. Ids of requests, connections and subscribers are made by whoever drives
 * the core; they only have to be unique for as long as they are in use.
 */
export type MasterEvent =
  /**
   * A call of the scheduler API. `streamId` is the `Mesos-Stream-Id` as sent. Answered by exactly one of
   * `replyAccepted`, `replyOk`, `replyRefused`, `openSchedulerStream` with the same `requestId`.
   */
  | {
      readonly type: "schedulerCall";
      readonly requestId: string;
      readonly principal: Principal;
      readonly call: SchedulerCall;
      readonly streamId?: string;
      /** Where the scheduler dialled from, `ip:port`; becomes part of the framework's `pid`. */
      readonly remoteAddress: string;
    }
  /** A stream opened by `openSchedulerStream` is gone, from either side. */
  | { readonly type: "schedulerStreamClosed"; readonly streamId: StreamId }
  /**
   * An agent offers itself on a new connection. Answered by a first `sendAgent` on it, a `welcome` or a
   * `refused`; after `refused` comes `closeAgent`.
   */
  | {
      readonly type: "agentHello";
      readonly connectionId: string;
      readonly principal: Principal;
      readonly hello: AgentHello;
    }
  /** Messages of an agent within a session. Answered by `replyAgentPost`. */
  | {
      readonly type: "agentPost";
      readonly requestId: string;
      readonly principal: Principal;
      readonly sessionId: string;
      readonly post: AgentPost;
    }
  | { readonly type: "agentDisconnected"; readonly connectionId: string }
  /**
   * A call of the operator API that changes something (`UPDATE_WEIGHTS`, `DRAIN_AGENT`, `TEARDOWN`, …); reads never come
   * here. Answered by `replyOk` or `replyRefused`.
   */
  | {
      readonly type: "operatorCall";
      readonly requestId: string;
      readonly principal: Principal;
      readonly call: MasterCall;
    }
  /** A new operator stream: gets a snapshot, a heartbeat, then every event. */
  | {
      readonly type: "operatorSubscribed";
      readonly subscriberId: string;
      readonly principal: Principal;
    }
  | { readonly type: "operatorUnsubscribed"; readonly subscriberId: string }
  /** The process stood still for so long: pings missed meanwhile do not count. */
  | { readonly type: "stalled"; readonly stalledMs: number }
  /** A deadline is due. */
  | { readonly type: "wake" };

/** What a master wants done once its entries are durable. Unknown ids are no error: their owner is gone. */
export type MasterEffect =
  /** 202, empty. */
  | { readonly type: "replyAccepted"; readonly requestId: string }
  /** 200, empty. */
  | { readonly type: "replyOk"; readonly requestId: string }
  | {
      readonly type: "replyRefused";
      readonly requestId: string;
      readonly refusal: MasterRefusal;
    }
  /** Answers a SUBSCRIBE: 200, a stream with this `Mesos-Stream-Id`. If its client is gone: `schedulerStreamClosed`. */
  | {
      readonly type: "openSchedulerStream";
      readonly requestId: string;
      readonly streamId: StreamId;
    }
  | {
      readonly type: "sendSchedulerEvent";
      readonly streamId: StreamId;
      readonly event: SchedulerEvent;
    }
  /** Ends the stream after what was sent; no `schedulerStreamClosed` is needed for it. */
  | { readonly type: "closeSchedulerStream"; readonly streamId: StreamId }
  | {
      readonly type: "sendAgent";
      readonly connectionId: string;
      readonly envelope: MasterEnvelope;
    }
  /** Ends an agent's stream after what was sent. */
  | { readonly type: "closeAgent"; readonly connectionId: string }
  /** `accepted` is 202; `gone` is 410: the session is over, the agent dials again. */
  | {
      readonly type: "replyAgentPost";
      readonly requestId: string;
      readonly outcome: "accepted" | "gone" | "unauthorised";
    }
  /** To one subscriber, or to all when `subscriberId` is absent. */
  | {
      readonly type: "sendOperatorEvent";
      readonly subscriberId?: string;
      readonly event: OperatorEvent;
    }
  | { readonly type: "closeOperatorStream"; readonly subscriberId: string }
  /** An agent has obeyed a leader with a higher epoch: the leadership has to be checked at once. */
  | { readonly type: "doubtLeadership"; readonly epochSeen: number }
  /** A line of the log. */
  | { readonly type: "log"; readonly entry: MasterLogEntry };

/** The durable memory of one agent; JSON in a record of its own. */
export interface AgentRecord {
  readonly schema: 1;
  /** With `id`. */
  readonly info: AgentInfo;
  readonly bootId: string;
  readonly release: string;
  readonly capabilities: readonly string[];
  readonly registeredMs: number;
  /** Present while the agent is unreachable. */
  readonly unreachableMs?: number;
  /** Present while an operator keeps it from being offered, with or without a drain. */
  readonly deactivated?: true;
  /** Present from DRAIN_AGENT to REACTIVATE_AGENT. */
  readonly drain?: DrainRecord;
  /** When it was given up for ever; then nothing else of the record counts. */
  readonly goneMs?: number;
}

/** What is durable of a drain. */
export interface DrainRecord {
  readonly state: "DRAINING" | "DRAINED";
  /** A whole number of nanoseconds, as it was asked for; absent: tasks have the grace of their kill policies. */
  readonly maxGraceNanoseconds?: string;
  /** Whether the agent is given up for ever once it is drained. */
  readonly markGone: boolean;
  readonly startedMs: number;
}

/** One role's weight. */
export interface RoleWeight {
  readonly role: string;
  readonly weight: number;
}

/** One role's quota; amounts in thousandths, by name. */
export interface QuotaRecord {
  readonly role: string;
  readonly guarantees: Readonly<Record<string, number>>;
  readonly limits: Readonly<Record<string, number>>;
}

/** What has to be durable. */
export type MasterEntry =
  | { readonly type: "putAgent"; readonly agentId: AgentId; readonly record: AgentRecord }
  | { readonly type: "deleteAgent"; readonly agentId: AgentId }
  /** All weights that differ from 1. */
  | { readonly type: "putWeights"; readonly weights: readonly RoleWeight[] }
  /** All quota there is. */
  | { readonly type: "putQuotas"; readonly quotas: readonly QuotaRecord[] };

/** What was durable when the master was elected. */
export interface MasterDurable {
  readonly agents: readonly AgentRecord[];
  readonly weights: readonly RoleWeight[];
  readonly quotas: readonly QuotaRecord[];
}
