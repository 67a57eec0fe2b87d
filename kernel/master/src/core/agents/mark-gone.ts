import { assert } from "@tutti/base";
import type { AgentId } from "@tutti/ids";
import type { Agent } from "../entities.ts";
import type { AgentRecord } from "../events.ts";
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
  turn.persist.push({ type: "putAgent", agentId: id, record: remainsOf(record, env.wallMs) });
  rememberGone(turn, id, env.wallMs);
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
