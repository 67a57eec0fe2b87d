import type { AgentId } from "@tutti/ids";
import { rescindOffer } from "../offers/remove-offer.ts";
import type { Turn } from "../turn.ts";
import { log } from "../turn.ts";
import { dropSession } from "./session.ts";

/**
 * An agent's stream has ended: nothing is offered of it any more, its tasks are left alone, and its
 * pings go on being counted until it is back or unreachable. Rule MST22.
 */
export function disconnectAgent(turn: Turn, connectionId: string): void {
  const { state } = turn;
  const id = state.connectionAgents.get(connectionId);
  if (id === undefined) return;
  const session = state.sessions.get(id);
  if (session?.connectionId !== connectionId) return;
  dropSession(turn, session);
  deactivateAgent(turn, id);
}

function deactivateAgent(turn: Turn, id: AgentId): void {
  const { state } = turn;
  turn.allocator.setAgentActive(id, false);
  for (const offer of state.offersOfAgent(id)) rescindOffer(turn, offer);
  const agent = state.agents.get(id);
  if (agent === undefined) return;
  state.putAgent({ ...agent, isConnected: false });
  log(turn, {
    what: "agentDisconnected",
    agentId: id,
    hostname: agent.record.info.hostname,
    tasks: state.tasksOfAgent(id).length,
  });
}
