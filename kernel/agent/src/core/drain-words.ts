import type { StatusDraft } from "@tutti/executor";
import type { Agent } from "./agent.ts";
import type { HeldTask } from "./held-task.ts";
import { isPartitionAware } from "./partition-aware.ts";

/**
 * What is told of a kill while the agent is drained: the drain as its reason; and when the agent is given up after it, a
 * framework that understands it hears TASK_GONE_BY_OPERATOR, for nothing of the task will come back. Rule AGT37.
 */
export function draftWhileDraining(agent: Agent, task: HeldTask, draft: StatusDraft): StatusDraft {
  const { drain } = agent.record;
  const { state } = draft;
  if (drain === undefined || (state !== "TASK_KILLING" && state !== "TASK_KILLED")) return draft;
  const isGone =
    state === "TASK_KILLED" && drain.markGone && isPartitionAware(agent, task.record.frameworkId);
  return {
    ...draft,
    state: isGone ? "TASK_GONE_BY_OPERATOR" : state,
    reason: "REASON_AGENT_DRAINING",
  };
}
