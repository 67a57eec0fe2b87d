import type { AgentId } from "@tutti/ids";
import type { AgentRecord } from "../events.ts";
import type { Turn } from "../turn.ts";

/** The record of an agent, wherever the agent is; undefined: it is not known, or gone for ever. */
export function recordOfAgent({ state }: Turn, id: AgentId): AgentRecord | undefined {
  return (
    state.agents.get(id)?.record ??
    state.recoveredAgents.get(id) ??
    state.unreachableAgents.get(id)?.record
  );
}

/** Puts another record in the place of an agent's, in the books and durably. */
export function replaceRecord(turn: Turn, id: AgentId, record: AgentRecord): void {
  const { state } = turn;
  const agent = state.agents.get(id);
  const unreachable = state.unreachableAgents.get(id);
  if (agent !== undefined) state.putAgent({ ...agent, record });
  else if (unreachable !== undefined) state.unreachableAgents.set(id, { ...unreachable, record });
  else if (state.recoveredAgents.has(id)) state.recoveredAgents.set(id, record);
  state.version += 1;
  turn.persist.push({ type: "putAgent", agentId: id, record });
}
