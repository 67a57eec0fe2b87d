import type { AgentId } from "@tutti/ids";
import type { AgentRecord } from "../events.ts";
import { rescindOffer } from "../offers/remove-offer.ts";
import { sendToAgent, sendToFramework, tellOperators } from "../send.ts";
import type { Turn } from "../turn.ts";
import { requestAllocation } from "../turn.ts";
import { endTasksOfGone } from "./end-tasks-of-gone.ts";
import { dropSession } from "./session.ts";
import { settleRecovery } from "./settle-recovery.ts";

/** Why an agent that is gone is not admitted again. The agent ends its tasks on this code. */
export const goneFault = {
  code: "AGENT_GONE",
  reason:
    "an operator has removed this agent for ever; to use the machine again, start the agent with an empty work directory",
  final: true,
} as const;

/**
 * Gives an agent up for ever, durably, wherever it is, and its tasks with it; its id is never admitted again. Rules
 * MST116, MST119.
 */
export function markGone(turn: Turn, id: AgentId, record: AgentRecord): void {
  const { state, env } = turn;
  turn.persist.push({ type: "putAgent", agentId: id, record: remainsOf(record, env.wallMs) });
  const session = state.sessions.get(id);
  if (session !== undefined) {
    sendToAgent(turn, session, { type: "refused", ...goneFault });
    dropSession(turn, session);
    turn.effects.push({ type: "closeAgent", connectionId: session.connectionId });
  }
  endTasksOfGone(turn, id);
  for (const offer of state.offersOfAgent(id)) rescindOffer(turn, offer);
  const wasUnreachable = state.unreachableAgents.delete(id);
  if (state.agents.has(id)) {
    turn.allocator.removeAgent(id);
    state.metrics.count("slave_removals");
  }
  state.agents.delete(id);
  if (state.recoveredAgents.delete(id)) settleRecovery(turn, "unreachable");
  state.removals.delete(id);
  state.liveness.delete(id);
  state.deadlines.pings.delete(id);
  state.deadlines.recoveries.delete(id);
  state.version += 1;
  rememberGone(turn, id, env.wallMs);
  if (!wasUnreachable) tellRemoved(turn, id);
  requestAllocation(turn);
}

function tellRemoved(turn: Turn, id: AgentId): void {
  for (const framework of turn.state.frameworks.values()) {
    sendToFramework(turn, framework, { type: "FAILURE", failure: { agent_id: { value: id } } });
  }
  tellOperators(turn, () => ({
    type: "AGENT_REMOVED",
    agent_removed: { agent_id: { value: id } },
  }));
}

/** Remembers an agent that is gone as the newest; the oldest of too many is forgotten, durably. */
export function rememberGone(turn: Turn, id: AgentId, goneMs: number): void {
  const evicted = turn.state.goneAgents.set(id, goneMs);
  if (evicted !== undefined) turn.persist.push({ type: "deleteAgent", agentId: evicted[0] });
}

/** What is kept of the record of an agent that is gone: who it was, and since when. */
function remainsOf({ info, release, registeredMs }: AgentRecord, goneMs: number): AgentRecord {
  const { hostname, id } = info;
  return {
    schema: 1,
    info: { hostname, ...(id === undefined ? {} : { id }) },
    bootId: "",
    release,
    capabilities: [],
    registeredMs,
    goneMs,
  };
}
