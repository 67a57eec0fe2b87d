const minuteMs = 60_000;

/** Bounds of the master's core. Where Mesos has a flag of the same meaning, its default is taken over. */
export const limits = {
  /** `max_completed_frameworks` */
  completedFrameworksMax: 50,
  /** `max_completed_tasks_per_framework` */
  completedTasksPerFrameworkMax: 1000,
  /** `max_unreachable_tasks_per_framework` */
  unreachableTasksPerFrameworkMax: 1000,
  /** `registry_max_agent_count`: unreachable agents that are remembered, the newest. */
  unreachableAgentsMax: 102_400,
  /** `registry_max_agent_age`: two weeks. */
  unreachableAgentAgeMsMax: 14 * 24 * 60 * minuteMs,
  /** `max_operator_event_stream_subscribers`: a further one takes the place of the oldest. */
  operatorSubscribersMax: 1000,
  /** Statuses kept of one task; equal neighbours are merged, so only a flapping task gets there. */
  statusesPerTaskMax: 20,
  /** Values and words that tasks share; beyond it the table begins anew. */
  sharedPartsMax: 10_000,
  /** Longer texts are not shared. */
  sharedTextCharsMax: 256,
  /** Nor are larger values, in characters of their content. */
  sharedValueCharsMax: 8192,
  /** Agents that were given up for ever and are remembered, so that they are not admitted again. */
  goneAgentsMax: 100_000,
  /** Agents declared unreachable in a minute: a network fault must not take the whole cluster at once. */
  agentRemovalsPerMinute: 100,
  /** Longest failover timeout that is honoured: ten years; longer or infinite ones are cut to it. */
  failoverTimeoutMsMax: 10 * 365 * 24 * 60 * minuteMs,
  /** Longest filter that is honoured, as in Mesos: 365 days. */
  refuseMsMax: 365 * 24 * 60 * minuteMs,
  /** Default of `Filters.refuse_seconds`. */
  refuseSecondsDefault: 5,
  /** An agent's description as JSON: with the rest of its record it has to fit into one record. */
  agentInfoBytesMax: 80 * 1024,
  /** All weights as JSON: they are one record. */
  weightsBytesMax: 80 * 1024,
  /** All quota as JSON: it is one record. */
  quotasBytesMax: 80 * 1024,
  /** Most memory or disk that quota may name: an exabyte, in megabytes. As in Mesos. */
  quotaMegabytesMax: 1024 ** 4,
  /** Most of anything else. As in Mesos. */
  quotaAmountMax: 1e12,
  /** Measured times that percentiles are made of; as in Mesos, the newest. */
  timingSamplesMax: 1000,
  /** Distance of heartbeats on scheduler and operator streams. */
  heartbeatIntervalMs: 15_000,
} as const;
