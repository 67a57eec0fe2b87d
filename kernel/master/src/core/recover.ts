import { known, parseAgentId, parseRoleName } from "@tutti/ids";
import type { AgentId } from "@tutti/ids";
import { rememberGone } from "./agents/mark-gone.ts";
import { forgetOverage, rememberUnreachable } from "./agents/unreachable-agents.ts";
import type { AgentRecord, MasterDurable } from "./events.ts";
import { quotaOfRecord } from "./operator/quota-record.ts";
import type { Turn } from "./turn.ts";
import { log } from "./turn.ts";

/**
 * Begins a leadership from what is durable: agents that were admitted are expected back within the
 * re-registration time; frameworks and tasks come back with them. Rule MST25.
 */
export function recoverDurable(turn: Turn, durable: MasterDurable): void {
  const { state, config, env } = turn;
  for (const { role, weight } of durable.weights) {
    const name = known(parseRoleName(role));
    state.weights.set(name, weight);
    turn.allocator.setWeight(name, weight);
  }
  for (const record of durable.quotas) {
    const name = known(parseRoleName(record.role));
    const quota = quotaOfRecord(record);
    state.quotas.set(name, quota);
    turn.allocator.setQuota(name, quota);
  }
  const gone = durable.agents
    .filter(({ goneMs }) => goneMs !== undefined)
    .sort((left, right) => (left.goneMs ?? 0) - (right.goneMs ?? 0));
  for (const record of gone) rememberGone(turn, idOf(record), record.goneMs ?? 0);
  const unreachable = durable.agents
    .filter(({ unreachableMs, goneMs }) => unreachableMs !== undefined && goneMs === undefined)
    .sort((left, right) => (left.unreachableMs ?? 0) - (right.unreachableMs ?? 0));
  for (const record of unreachable) {
    rememberUnreachable(turn, idOf(record), record, record.unreachableMs ?? 0);
  }
  forgetOverage(turn);
  for (const record of durable.agents) {
    if (record.unreachableMs !== undefined || record.goneMs !== undefined) continue;
    const id = idOf(record);
    state.recoveredAgents.set(id, record);
    state.deadlines.recoveries.set(id, env.monoMs + config.agentReregisterTimeoutMs);
  }
  state.version += 1;
  log(turn, {
    what: "leading",
    masterId: config.masterId,
    epoch: config.epoch,
    agentsExpected: state.recoveredAgents.size,
    agentsUnreachable: state.unreachableAgents.size,
    weights: durable.weights.length,
    withinMs: config.agentReregisterTimeoutMs,
  });
}

function idOf({ info }: AgentRecord): AgentId {
  return known(parseAgentId(info.id?.value ?? ""));
}
