import type { AgentId } from "@tutti/ids";
import { nodeVersions } from "@tutti/node-v1";
import type { Session } from "../entities.ts";
import { sendToAgent } from "../send.ts";
import type { Turn } from "../turn.ts";

/** Opens a session on a new connection; an older one of the same agent is closed. Rule MST15. */
export function openSession(turn: Turn, agentId: AgentId, connectionId: string): Session {
  const { state, config } = turn;
  const old = state.sessions.get(agentId);
  if (old !== undefined) {
    dropSession(turn, old);
    turn.effects.push({ type: "closeAgent", connectionId: old.connectionId });
  }
  const session: Session = {
    agentId,
    connectionId,
    sessionId: turn.env.random.uuid(),
    seqSent: 0,
    seqHandled: 0,
    unacknowledged: new Map(),
    drainSeq: undefined,
    isDrainKnown: false,
  };
  state.sessions.set(agentId, session);
  state.sessionAgents.set(session.sessionId, agentId);
  state.connectionAgents.set(connectionId, agentId);
  sendToAgent(turn, session, {
    type: "welcome",
    version: nodeVersions.max,
    sessionId: session.sessionId,
    agentId,
    clusterId: config.clusterId,
    pingIntervalMs: config.agentPingTimeoutMs,
    pingTimeoutMs: config.agentPingTimeoutMs * config.maxAgentPingTimeouts,
  });
  return session;
}

/** Forgets a session; its connection may live on for a moment. */
export function dropSession(turn: Turn, session: Session): void {
  turn.state.sessions.delete(session.agentId);
  turn.state.sessionAgents.delete(session.sessionId);
  turn.state.connectionAgents.delete(session.connectionId);
}
