import type { AgentId } from "@tutti/ids";
import type { AgentRecord } from "../events.ts";
import { limits } from "../limits.ts";
import type { Turn } from "../turn.ts";

/**
 * Remembers an unreachable agent as the newest. When there are too many, the oldest is forgotten, durably: one without
 * an operator's word while there is one. Rule MST117.
 */
export function rememberUnreachable(
  turn: Turn,
  id: AgentId,
  record: AgentRecord,
  unreachableMs: number,
): void {
  const { unreachableAgents } = turn.state;
  if (!unreachableAgents.has(id) && unreachableAgents.size >= unreachableAgents.sizeMax) {
    for (const old of unreachableAgents.values()) {
      if (isOutOfUse(old.record)) continue;
      forget(turn, old.id);
      break;
    }
  }
  const evicted = unreachableAgents.set(id, { id, record, unreachableMs });
  if (evicted !== undefined) turn.persist.push({ type: "deleteAgent", agentId: evicted[0] });
}

/** Forgets, durably, who has been unreachable for too long; an operator's word does not age. Rule MST117. */
export function forgetOverage(turn: Turn): void {
  const oldestMs = turn.env.wallMs - limits.unreachableAgentAgeMsMax;
  for (const { id, record, unreachableMs } of turn.state.unreachableAgents.values()) {
    if (unreachableMs <= oldestMs && !isOutOfUse(record)) forget(turn, id);
  }
}

/** Whether an operator has taken an agent out of use: a master that forgot it would use it again. */
function isOutOfUse({ deactivated, drain }: AgentRecord): boolean {
  return deactivated === true || drain !== undefined;
}

function forget(turn: Turn, id: AgentId): void {
  turn.state.unreachableAgents.delete(id);
  turn.persist.push({ type: "deleteAgent", agentId: id });
}
