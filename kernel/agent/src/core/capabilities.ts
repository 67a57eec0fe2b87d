/** What this agent can do, in the names of the Mesos API. */
export const agentCapabilities: readonly string[] = [
  "MULTI_ROLE",
  "HIERARCHICAL_ROLE",
  "RESERVATION_REFINEMENT",
  "AGENT_DRAINING",
  "TASK_RESOURCE_LIMITS",
];
