import type { Agent } from "./agent.ts";

/** Whether a framework understands TASK_GONE; one that is not known is taken to. */
export function isPartitionAware(agent: Agent, frameworkId: string): boolean {
  const info = agent.frameworks.get(frameworkId)?.info;
  if (info === undefined) return true;
  return (info.capabilities ?? []).some(({ type }) => type === "PARTITION_AWARE");
}
