import { defaultDurations } from "@tutti/master/core";
import type { PlantedBug } from "./sabotage.ts";

/** One agent's machine. */
export interface AgentOptions {
  /** `cpus:4;mem:4096;disk:10000;ports:[31000-32000]`; a role in parentheses reserves. */
  readonly resources: string;
  /** `rack:a` */
  readonly attributes: string;
  /** What it calls itself; absent: as its node is called. */
  readonly hostname?: string;
}

/** What a simulated cluster is made of. */
export interface ClusterOptions {
  /** 1: a store of its own, on its disk. More: they share an ensemble. */
  readonly masters: number;
  readonly agents: readonly AgentOptions[];
  /** Share of the messages that go through their JSON, 0 to 1. */
  readonly codecShare: number;
  readonly agentPingTimeoutMs: number;
  readonly maxAgentPingTimeouts: number;
  readonly agentReregisterTimeoutMs: number;
  /** How long a process that ended of a fault stays down. */
  readonly supervisorDelayMs: number;
  readonly plantedBugs: readonly PlantedBug[];
  /** Whether there is discovery, and DNS and virtual IPs on every machine. */
  readonly names: boolean;
}

/** The usual machine. */
export const defaultAgent: AgentOptions = {
  resources: "cpus:4;mem:4096;disk:10000;ports:[31000-32000]",
  attributes: "",
};

/** One master, three agents, Mesos's durations. */
export const defaultClusterOptions: ClusterOptions = {
  masters: 1,
  agents: [defaultAgent, defaultAgent, defaultAgent],
  codecShare: 0.25,
  agentPingTimeoutMs: defaultDurations.agentPingTimeoutMs,
  maxAgentPingTimeouts: defaultDurations.maxAgentPingTimeouts,
  agentReregisterTimeoutMs: defaultDurations.agentReregisterTimeoutMs,
  supervisorDelayMs: 1_000,
  plantedBugs: [],
  names: false,
};
