import type { AgentId, FrameworkId, RoleName } from "@tutti/ids";
import type { Quantities, Resources, Thousandths } from "@tutti/resources";

/** Something one framework may have, for the master to turn into an offer. */
export interface Allocation {
  readonly frameworkId: FrameworkId;
  readonly role: RoleName;
  readonly agentId: AgentId;
  /** With `allocation_info.role` set. */
  readonly resources: Resources;
}

/** What the allocator must know of a framework. */
export interface AllocatorFramework {
  readonly id: FrameworkId;
  readonly roles: readonly RoleName[];
  readonly suppressedRoles: readonly RoleName[];
  /** Capability names as in `FrameworkInfo.Capability.Type`. */
  readonly capabilities: ReadonlySet<string>;
}

/** What the allocator must know of an agent. */
export interface AllocatorAgent {
  readonly id: AgentId;
  readonly total: Resources;
}

/** What a role is guaranteed and how much it may have. A name without limit has none; a limit may be 0. */
export interface RoleQuota {
  readonly guarantees: Quantities;
  readonly limits: ReadonlyMap<string, Thousandths>;
}

/**
 * Divides free resources among roles and frameworks. Pure: no clock of its own (`monoMs` is an argument),
 * no chance except the random sorter's source given at creation.
 *
 * Invariant: the sum of allocations on an agent never exceeds its total.
 * Invariant: what is offered, used and free adds up to the total on each agent, always.
 */
export interface Allocator {
  addFramework(framework: AllocatorFramework, used: ReadonlyMap<AgentId, Resources>): void;
  updateFramework(framework: AllocatorFramework): void;
  /** Its resources must have been recovered or are recovered by this call. */
  removeFramework(id: FrameworkId): void;
  /** A framework that is not active (disconnected) gets nothing but keeps what it has. */
  setFrameworkActive(id: FrameworkId, active: boolean): void;
  addAgent(agent: AllocatorAgent, used: ReadonlyMap<FrameworkId, Resources>): void;
  updateAgent(agent: AllocatorAgent): void;
  removeAgent(id: AgentId): void;
  /** An agent that is not active (disconnected, draining) is not offered. */
  setAgentActive(id: AgentId, active: boolean): void;
  /**
   * Gives back resources (declined, finished, rescinded). With `refuseMs` the framework is not offered a
   * subset of them on this agent for this role until then, or until it revives.
   */
  recoverResources(
    frameworkId: FrameworkId,
    agentId: AgentId,
    resources: Resources,
    refusal: { readonly refuseMs: number; readonly monoMs: number } | undefined,
  ): void;
  /** Charges resources found in use outside of an offer (a task of a returning agent). */
  chargeResources(frameworkId: FrameworkId, agentId: AgentId, resources: Resources): void;
  /** All the framework's roles when `roles` is empty. */
  suppressOffers(id: FrameworkId, roles: readonly RoleName[]): void;
  /** Also drops all its filters for these roles. */
  reviveOffers(id: FrameworkId, roles: readonly RoleName[]): void;
  setWeight(role: RoleName, weight: number): void;
  /**
   * Undefined: no guarantees, no limits. Over all roles at most `limits.quotaKindsMax` names of scalars are
   * allowed; more are a bug of the caller. Rules ALC50 to ALC58.
   */
  setQuota(role: RoleName, quota: RoleQuota | undefined): void;
  /** One round over the agents that changed since the last (or all of them). Charges what it returns. */
  allocate(monoMs: number): readonly Allocation[];
  /** How many refusals hold, for each role that has any. */
  refusalCounts(): ReadonlyMap<RoleName, number>;
  /** When a filter expires next, to be called again then. */
  nextDeadlineMonoMs(): number | undefined;
}
