import type {
  Fact,
  HeldWithdrawal,
  StreamChange,
  TableVersion,
  TaskDiscovery,
} from "@tutti/discovery-v1";
import type { LabelFault, VipClaim } from "@tutti/dns";
import type { TaskKey } from "./task-keys.ts";

/** A task as the master shows it, as far as names and VIPs depend on it. */
export interface ClusterTask {
  readonly frameworkId: string;
  readonly taskId: string;
  readonly name: string;
  readonly agentId: string;
  readonly state: string;
  /** What the newest status that says it says. */
  readonly healthy: boolean | undefined;
  /** Whether somebody checks its health: then it serves only when it is known to be healthy. */
  readonly isChecked: boolean;
  /** Addresses that the newest status with addresses has; its agent's among them when it shares them. */
  readonly addresses: readonly string[];
  readonly portsMapped: boolean;
  readonly ports: readonly number[];
  readonly discovery: TaskDiscovery | undefined;
  readonly claims: readonly VipClaim[];
  readonly faults: readonly LabelFault[];
}

/** An agent as the master shows it. */
export interface ClusterAgent {
  readonly id: string;
  readonly hostname: string;
  /** "" when the master does not say it as an address. */
  readonly address: string;
  readonly port: number;
}

/** A framework as the master shows it. */
export interface ClusterFramework {
  readonly id: string;
  readonly name: string;
  readonly active: boolean;
  readonly address: string | undefined;
  readonly port: number | undefined;
  /** A host name, where the master gives that instead of an address. */
  readonly host?: string;
}

/** Whom a task belongs to, and how it ended. */
export interface EndedTask {
  readonly frameworkId: string;
  readonly taskId: string;
  readonly state: string;
}

/** Everything the master knows at one moment. */
export interface ClusterSnapshot {
  readonly type: "snapshot";
  readonly tasks: readonly ClusterTask[];
  /** Unreachable and ended ones. */
  readonly ended: readonly EndedTask[];
  readonly agents: readonly ClusterAgent[];
  /** Agents of the registry that have not come back to this master. */
  readonly recoveredAgents: readonly ClusterAgent[];
  readonly frameworks: readonly ClusterFramework[];
}

/** What a status says of a task. */
export interface TaskUpdate {
  readonly type: "taskUpdated";
  readonly frameworkId: string;
  readonly taskId: string;
  readonly state: string;
  readonly healthy: boolean | undefined;
  /** Undefined: the status does not speak of addresses. */
  readonly addresses: readonly string[] | undefined;
}

/** One record of the master's stream, as far as it matters here. */
export type ClusterEvent =
  | ClusterSnapshot
  | { readonly type: "taskAdded"; readonly task: ClusterTask }
  | TaskUpdate
  | { readonly type: "agentAdded"; readonly agent: ClusterAgent }
  | { readonly type: "agentRemoved"; readonly agentId: string }
  | { readonly type: "frameworkPut"; readonly framework: ClusterFramework }
  | { readonly type: "frameworkRemoved"; readonly frameworkId: string }
  | { readonly type: "heartbeat" };

/** A master of the list that discovery is given. */
export interface KnownMaster {
  readonly address: string;
  readonly port: number;
}

/** What happens to discovery. */
export type DiscoveryEvent =
  /** `leader` is the position of the master that is listened to. */
  | { readonly type: "masters"; readonly masters: readonly KnownMaster[]; readonly leader?: number }
  | { readonly type: "master"; readonly event: ClusterEvent }
  /** The stream is over; another may follow. */
  | { readonly type: "masterLost" }
  /** An operator believes what is held. */
  | { readonly type: "release" }
  | { readonly type: "wake" };

/** The address of a named VIP, kept for ever. */
export interface NameRecord {
  /** `web.marathon` */
  readonly name: string;
  readonly address: string;
}

/** What discovery makes durable. */
export type DiscoveryEntry =
  | ({ readonly type: "putName" } & NameRecord)
  | { readonly type: "removeName"; readonly name: string };

/** What discovery wants done. */
export type DiscoveryEffect =
  /** `drained`: keys of tasks that have lost all their backends with this change. */
  | {
      readonly type: "publish";
      readonly version: TableVersion;
      readonly change: StreamChange;
      readonly drained: readonly TaskKey[];
    }
  /** The stream is to be begun anew, for a snapshot. */
  | { readonly type: "resubscribe"; readonly reason: string }
  | { readonly type: "held"; readonly held: HeldWithdrawal | undefined };

/** What discovery begins with. */
export interface DiscoveryDurable {
  readonly epoch: number;
  readonly names: readonly NameRecord[];
  /** The last table that this machine's follower kept: what a young master has not seen yet is still true. */
  readonly facts: readonly Fact[];
}
