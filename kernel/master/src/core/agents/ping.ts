import { present } from "@tutti/base";
import type { AgentId } from "@tutti/ids";
import { sendToAgent } from "../send.ts";
import type { Turn } from "../turn.ts";

/** Begins to watch an agent anew: the first ping goes out at once. Rule MST20. */
export function startPinging(turn: Turn, id: AgentId): void {
  turn.state.liveness.set(id, { missedPings: 0, isAnswered: true });
  pingAgent(turn, id);
}

/** One beat: counts an unanswered ping, then pings again or gives the agent up. */
export function pingAgent(turn: Turn, id: AgentId): void {
  const { state, config } = turn;
  const liveness = present(state.liveness.get(id), "the liveness of a pinged agent");
  liveness.missedPings = liveness.isAnswered ? 0 : liveness.missedPings + 1;
  if (liveness.missedPings >= config.maxAgentPingTimeouts) {
    state.removals.add(id);
    state.metrics.count("slave_unreachable_scheduled");
    return;
  }
  const session = state.sessions.get(id);
  liveness.isAnswered = false;
  if (session !== undefined) sendToAgent(turn, session, { type: "ping" });
  state.deadlines.pings.set(id, turn.env.monoMs + config.agentPingTimeoutMs);
}

/** Whatever an agent posts in its session proves that it lives; a removal that waits is called off. */
export function noteLife(turn: Turn, id: AgentId): void {
  const { state } = turn;
  const liveness = state.liveness.get(id);
  if (liveness === undefined) return;
  liveness.isAnswered = true;
  if (!state.removals.delete(id)) return;
  state.metrics.count("slave_unreachable_canceled");
  liveness.missedPings = 0;
  state.deadlines.pings.set(id, turn.env.monoMs + turn.config.agentPingTimeoutMs);
}

/** After a stall nobody could answer: connected agents start anew. Rule MST21. */
export function forgivePings(turn: Turn): void {
  const { state } = turn;
  for (const id of state.sessions.keys()) {
    noteLife(turn, id);
    state.deadlines.pings.set(id, turn.env.monoMs + turn.config.agentPingTimeoutMs);
  }
}
