import type { Backend, Fact } from "./facts.ts";

/** Versions of this language that this release speaks (N and N−1). */
export const discoveryVersions = { min: 1, max: 1 } as const;

/** Paths of discovery on the `node` process of a master, port 62080. */
export const discoveryPaths = {
  stream: "/discovery/v1/stream",
  applied: "/discovery/v1/applied",
  problems: "/discovery/v1/problems",
  drained: "/discovery/v1/drained",
  release: "/discovery/v1/release",
  status: "/discovery/v1/status",
} as const;

/** How new a table is. Epochs compare first; a sequence counts changes within one epoch, from 0. */
export interface TableVersion {
  readonly epoch: number;
  readonly sequence: number;
}

/**
 * The body of `POST /discovery/v1/stream` (JSON): a machine follows the table. The answer is a RecordIO stream of
 * `DiscoveryRecord`s (JSON). Not the leader: 307; not ready: 503; wrong secret: 401.
 */
export interface FollowRequest {
  readonly versionMin: number;
  readonly versionMax: number;
  /** Who follows: the machine's name, for the count of live machines and for `DrainConfirmed`. */
  readonly machine: string;
  /**
   * The machine's address, as its agent and master have it in the table. Absent: it is of a release that does not tell
   * it, and known by where its connection comes from, or by a name that is its agent's address or host name.
   */
  readonly address?: string;
  /** The table it holds; absent or unknown to the leader: it gets a snapshot. */
  readonly have?: TableVersion;
}

/** One difference: facts to put, keys to remove (`factKey`). Removals are applied first. */
export interface TableChange {
  readonly remove: readonly string[];
  readonly put: readonly Fact[];
}

/** What changed in a VIP's backends when most of them stayed. The follower makes a whole fact of it. */
export interface BackendPatch {
  /** `factKey` of the VIP. */
  readonly key: string;
  /** `backendKey` of those that are gone. */
  readonly remove: readonly string[];
  readonly put: readonly Backend[];
}

/** A difference as it travels: removals first, then facts, then patches. */
export interface StreamChange extends TableChange {
  readonly patch?: readonly BackendPatch[];
  /** Discovery waits to hear that this change is applied: the follower reports at once. */
  readonly confirm?: boolean;
  /** The version of another epoch that this change begins from: a new discovery went on from that table. */
  readonly since?: TableVersion;
}

export type DiscoveryRecord =
  /** `lineage`: versions of two lineages are not compared; a cluster that lost its state begins a new one. */
  | {
      readonly type: "welcome";
      readonly version: number;
      readonly heartbeatMs: number;
      readonly lineage: string;
    }
  /** A page of a whole table; with the last page the table that was held before is replaced at `version`. */
  | {
      readonly type: "snapshot";
      readonly version: TableVersion;
      readonly put: readonly Fact[];
      readonly last: boolean;
    }
  | ({ readonly type: "change"; readonly version: TableVersion } & StreamChange)
  | {
      readonly type: "heartbeat";
      readonly version: TableVersion;
      /** How long ago discovery last heard the leading master, in ms. */
      readonly masterSilentMs: number;
      /** A withdrawal that waits for an operator, because it is too large to be believed. */
      readonly held?: HeldWithdrawal;
    };

/** What is not withdrawn although the master does not show it: it would be more than a fifth of all. */
export interface HeldWithdrawal {
  readonly backends: number;
  readonly ofBackends: number;
  readonly tasks: number;
  readonly ofTasks: number;
  readonly sinceWallMs: number;
  readonly reason: string;
}

/** The body of `POST /discovery/v1/applied` (JSON): the machine's dataplane holds this version. Answered 202. */
export interface AppliedReport {
  readonly machine: string;
  readonly version: TableVersion;
}

/** What is wrong with a definition, as `GET /discovery/v1/problems` lists it (`{ problems: [...] }`). */
export interface Problem {
  readonly frameworkId: string;
  readonly taskId: string;
  /** The task's name: the app's, the other way round. */
  readonly name: string;
  readonly code: ProblemCode;
  /** For the user: what is wrong, and what would be right. */
  readonly message: string;
}

export type ProblemCode =
  | "VIP_LABEL_INVALID"
  | "VIP_PORT_INVALID"
  | "VIP_ADDRESS_REFUSED"
  | "VIP_SHARED"
  | "VIP_NAMES_COLLAPSE"
  | "VIP_NAME_CUT"
  | "VIP_NO_BACKEND_ADDRESS"
  | "VIP_LIMIT";

/** Whether `a` is older than `b`. */
export function isOlder(a: TableVersion, b: TableVersion): boolean {
  return a.epoch < b.epoch || (a.epoch === b.epoch && a.sequence < b.sequence);
}
