import type { RoleQuota } from "@tutti/allocator";
import type { AgentId, FrameworkId, OfferId, RoleName, TaskId } from "@tutti/ids";
import type {
  Agent,
  CompletedFramework,
  Framework,
  FrameworkTasks,
  OpenOffer,
  UnreachableAgent,
} from "./entities.ts";
import type { AgentRecord } from "./events.ts";
import type { MasterMetrics } from "./metrics.ts";

/** A history that can be read. */
export interface ReadableHistory<Key, Value> {
  readonly size: number;
  get(key: Key): Value | undefined;
  values(): IterableIterator<Value>;
}

/**
 * What readers may see of a master: the maps themselves, not copies. It is valid until the next step,
 * so a reader renders at once and keeps nothing but entities, which never change.
 */
export interface MasterView {
  /** Grows with every change: what was rendered for a version stays right for that version. */
  readonly version: number;
  readonly agents: ReadonlyMap<AgentId, Agent>;
  readonly recoveredAgents: ReadonlyMap<AgentId, AgentRecord>;
  readonly unreachableAgents: ReadableHistory<AgentId, UnreachableAgent>;
  /** Given up for ever, and when. */
  readonly goneAgents: ReadableHistory<AgentId, number>;
  readonly frameworks: ReadonlyMap<FrameworkId, Framework>;
  readonly tasks: ReadonlyMap<FrameworkId, FrameworkTasks>;
  readonly completedFrameworks: ReadableHistory<FrameworkId, CompletedFramework>;
  readonly offers: ReadonlyMap<OfferId, OpenOffer>;
  readonly offersByAgent: ReadonlyMap<AgentId, ReadonlySet<OfferId>>;
  /** Active tasks by their agent and framework; an agent without any is not in it. */
  readonly taskKeysByAgent: ReadonlyMap<AgentId, ReadonlyMap<FrameworkId, ReadonlySet<TaskId>>>;
  readonly weights: ReadonlyMap<RoleName, number>;
  readonly quotas: ReadonlyMap<RoleName, RoleQuota>;
  readonly operatorSubscribers: ReadonlySet<string>;
  readonly metrics: MasterMetrics;
  offersOfFramework(id: FrameworkId): readonly OpenOffer[];
}
