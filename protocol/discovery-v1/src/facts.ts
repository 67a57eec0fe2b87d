/**
 * What discovery knows of the cluster, as small facts, each replaced or removed as a whole. Names are not spelt
 * out: whoever answers for a zone derives them from the facts (a task has a dozen names, and one fact).
 */
export type Fact = MasterFact | AgentFact | FrameworkFact | TaskFact | VipFact;

/** A master of the cluster. */
export interface MasterFact {
  readonly kind: "master";
  /** The position in the list of masters, from 0: `master0.mesos`. */
  readonly index: number;
  /** An IPv4 or IPv6 address, never a name. */
  readonly address: string;
  readonly port: number;
  readonly leader: boolean;
}

/** An agent that is or was known and is not gone. */
export interface AgentFact {
  readonly kind: "agent";
  readonly id: string;
  readonly hostname: string;
  readonly address: string;
  readonly port: number;
}

/** A framework that is subscribed or may come back. */
export interface FrameworkFact {
  readonly kind: "framework";
  readonly id: string;
  readonly name: string;
  /** Where its scheduler speaks from, when the master knows. */
  readonly address?: string;
  readonly port?: number;
  readonly active: boolean;
}

/** A task that runs (TASK_RUNNING, or TASK_KILLING after it ran). Others have no names. */
export interface TaskFact {
  readonly kind: "task";
  readonly frameworkId: string;
  readonly taskId: string;
  /** `TaskInfo.name`, unchanged. */
  readonly name: string;
  readonly agentId: string;
  /** Running, not being killed, and not known to be unhealthy. */
  readonly serving: boolean;
  /** Addresses of its container, newest status first; empty when it shares its agent's. */
  readonly containerAddresses: readonly string[];
  /** Whether a port of the agent leads to a port of its container (then clients use the agent's address). */
  readonly portsMapped: boolean;
  /** Its `ports` resources, in order. */
  readonly ports: readonly number[];
  /** `DiscoveryInfo`, when the task has one. */
  readonly discovery?: TaskDiscovery;
}

export interface TaskDiscovery {
  readonly name?: string;
  readonly visibility: "FRAMEWORK" | "CLUSTER" | "EXTERNAL";
  readonly ports: readonly DiscoveryPort[];
}

export interface DiscoveryPort {
  readonly number: number;
  readonly name?: string;
  /** Lower case: `tcp`, `udp`. */
  readonly protocol: string;
}

/** One virtual address and port, with everything behind it. */
export interface VipFact {
  readonly kind: "vip";
  /** IPv4 or IPv6, canonical spelling. */
  readonly address: string;
  readonly port: number;
  readonly protocol: "tcp" | "udp";
  /**
   * Names that lead to `address`, without the zone: `web.marathon` is answered as
   * `web.marathon.l4lb.thisdcos.directory`. Empty for a VIP given by its address.
   */
  readonly names: readonly string[];
  /** Sorted by address, then port; no two alike. Empty: connections are refused at once. */
  readonly backends: readonly Backend[];
}

export interface Backend {
  readonly address: string;
  readonly port: number;
  readonly agentId: string;
  readonly frameworkId: string;
  readonly taskId: string;
}

/** The key of a fact: no two facts of a table share it, and a fact replaces the one with its key. */
export function factKey(fact: Fact): string {
  switch (fact.kind) {
    case "master":
      return `master/${fact.index}`;
    case "agent":
      return `agent/${fact.id}`;
    case "framework":
      return `framework/${fact.id}`;
    case "task":
      return `task/${fact.frameworkId}/${fact.taskId}`;
    case "vip":
      return `vip/${fact.protocol}/${fact.address}/${fact.port}`;
  }
}

/** The key of a backend within its VIP. */
export function backendKey(backend: Backend): string {
  return `${backend.address} ${backend.port}`;
}
