import type { MasterId } from "@tutti/ids";

/** What a master core is told once, at its election. Durations in milliseconds. */
export interface MasterConfig {
  /** A fresh UUID of this election: the prefix of all ids this master makes. */
  readonly masterId: MasterId;
  /** The fencing epoch of this election; on every message to agents. */
  readonly epoch: number;
  readonly clusterId: string;
  readonly clusterName: string;
  /** IPv4 in dotted form. */
  readonly ip: string;
  readonly port: number;
  readonly hostname: string;
  /** When the process began and when it was elected, on the wall clock. */
  readonly startedMs: number;
  readonly electedMs: number;
  /** Between pings; Mesos's `agent_ping_timeout`. */
  readonly agentPingTimeoutMs: number;
  /** Unanswered pings until an agent is unreachable. */
  readonly maxAgentPingTimeouts: number;
  /** After an election: how long known agents may take to come back. */
  readonly agentReregisterTimeoutMs: number;
  /** An offer that is not answered by then is rescinded; undefined: never. */
  readonly offerTimeoutMs?: number;
  /** Changes within this time share one allocation. */
  readonly allocationIntervalMs: number;
}

/** The durations of a cluster that sets none: those of Mesos, and 5 ms between allocations. */
export const defaultDurations = {
  agentPingTimeoutMs: 15_000,
  maxAgentPingTimeouts: 5,
  agentReregisterTimeoutMs: 600_000,
  allocationIntervalMs: 5,
} as const;
