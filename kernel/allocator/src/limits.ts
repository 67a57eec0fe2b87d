/** Kinds of scalars that quota may count, over all roles. */
export const quotaKindsMax = 16;

/** Bounds of the allocator. */
export const limits = {
  /** Kinds of scalars (cpus, mem …) that count for fair shares; later kinds are offered but not weighed. */
  scalarKindsMax: 16,
  quotaKindsMax,
  /** Roles for which it is remembered whose quota they count for. */
  quotaLinesMax: 100_000,
  /** Refusals kept at once over the cluster; beyond it the one that ends first is forgotten early. */
  refusalsMax: 4_000_000,
  /** Distinct refused resources kept for one agent; beyond it the oldest are forgotten. */
  refusedResourcesPerAgentMax: 64,
  /** Different totals of agents, and roles for each, of which one object is kept for all agents alike. */
  sharedTotalsMax: 64,
  sharedTotalRolesMax: 1024,
  /** A refusal lasts at most this long, as in Mesos (365 days). */
  refuseMsMax: 365 * 24 * 60 * 60 * 1000,
  /** Candidates tried in order of shares on an agent before the rest is narrowed down by bitset. */
  walkLengthMax: 24,
} as const;
