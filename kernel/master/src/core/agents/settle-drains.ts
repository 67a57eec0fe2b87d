import type { AgentId } from "@tutti/ids";
import { log } from "../turn.ts";
import type { Turn } from "../turn.ts";
import { replaceRecord } from "./agent-records.ts";
import { markGone } from "./mark-gone.ts";

/**
 * A draining agent is drained when it knows that it is to drain and has no task left whose end its framework has not
 * acknowledged. Rules MST113, MST116.
 */
export function settleDrains(turn: Turn): void {
  const { drainsToSettle } = turn.state;
  if (drainsToSettle.size === 0) return;
  const ids = [...drainsToSettle];
  drainsToSettle.clear();
  for (const id of ids) settleDrain(turn, id);
}

function settleDrain(turn: Turn, id: AgentId): void {
  const { state, env } = turn;
  const agent = state.agents.get(id);
  const drain = agent?.record.drain;
  if (agent === undefined || drain?.state !== "DRAINING") return;
  if (state.sessions.get(id)?.isDrainKnown !== true || state.taskKeysByAgent.has(id)) return;
  const { hostname } = agent.record.info;
  const drainedForMs = Math.max(0, env.wallMs - drain.startedMs);
  if (drain.markGone) markGone(turn, id, agent.record);
  else replaceRecord(turn, id, { ...agent.record, drain: { ...drain, state: "DRAINED" } });
  const what = drain.markGone ? "agentGone" : "agentDrained";
  log(turn, { what, agentId: id, hostname, drainedForMs });
}
