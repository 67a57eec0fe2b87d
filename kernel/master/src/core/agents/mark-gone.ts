import { assert } from "@tutti/base";
import type { Agent } from "../entities.ts";
import { sendToAgent, sendToFramework, tellOperators } from "../send.ts";
import type { Turn } from "../turn.ts";
import { requestAllocation } from "../turn.ts";
import { dropSession } from "./session.ts";

/** Why an agent that is gone is not admitted again. */
export const goneFault = {
  code: "AGENT_GONE",
  reason:
    "an operator has removed this agent for ever; to use the machine again, start the agent with an empty work directory",
  final: true,
} as const;

/** Gives an agent without tasks up for ever, durably; its id is never admitted again. Rule MST116. */
export function markGone(turn: Turn, { id, record }: Agent): void {
  const { state, env } = turn;
  assert(!state.taskKeysByAgent.has(id), "an agent that is given up has no tasks");
  const session = state.sessions.get(id);
  if (session !== undefined) {
    sendToAgent(turn, session, { type: "refused", ...goneFault });
    dropSession(turn, session);
    turn.effects.push({ type: "closeAgent", connectionId: session.connectionId });
  }
  turn.persist.push({ type: "putAgent", agentId: id, record: { ...record, goneMs: env.wallMs } });
  const evicted = state.goneAgents.set(id, env.wallMs);
  if (evicted !== undefined) turn.persist.push({ type: "deleteAgent", agentId: evicted[0] });
  turn.allocator.removeAgent(id);
  state.agents.delete(id);
  state.removals.delete(id);
  state.liveness.delete(id);
  state.deadlines.pings.delete(id);
  state.version += 1;
  state.metrics.count("slave_removals");
  for (const framework of state.frameworks.values()) {
    sendToFramework(turn, framework, { type: "FAILURE", failure: { agent_id: { value: id } } });
  }
  tellOperators(turn, () => ({
    type: "AGENT_REMOVED",
    agent_removed: { agent_id: { value: id } },
  }));
  requestAllocation(turn);
}
