import { ok, refuse } from "@tutti/base";
import type { Result } from "@tutti/base";
import { parseAgentId } from "@tutti/ids";
import type { AgentId } from "@tutti/ids";
import type {
  MasterCallDeactivateAgent,
  MasterCallDrainAgent,
  MasterCallReactivateAgent,
} from "@tutti/mesos-v1";
import { recordOfAgent, replaceRecord } from "../agents/agent-records.ts";
import { sendDrain } from "../agents/send-drain.ts";
import { authorise } from "../authorise.ts";
import type { MasterAction } from "../authorise.ts";
import type { AgentRecord, DrainRecord } from "../events.ts";
import { rescindOffer } from "../offers/remove-offer.ts";
import type { Principal } from "../principal.ts";
import type { MasterRefusal } from "../refusal.ts";
import type { Turn } from "../turn.ts";
import { log, requestAllocation } from "../turn.ts";

/** Drains an agent, or drains it anew: another call replaces what was asked for before. Rules MST112, MST113. */
export function drainAgent(
  turn: Turn,
  principal: Principal,
  call: MasterCallDrainAgent,
): MasterRefusal | undefined {
  const found = findAgent(turn, principal, "drainAgent", call.agent_id.value);
  if (!found.ok) return found.error;
  const { id, record } = found.value;
  const { hostname } = record.info;
  if (!record.capabilities.includes("AGENT_DRAINING")) {
    const message = `Agent ${id} on ${hostname} is of a release that cannot drain; upgrade it, or deactivate it and kill its tasks`;
    return { code: "AGENT_STATE_WRONG", message };
  }
  const drain = drainOf(turn, call);
  replaceRecord(turn, id, { ...record, deactivated: true, drain });
  withhold(turn, id);
  const tasks = turn.state.tasksOfAgent(id).length;
  const { markGone } = drain;
  const entry = { agentId: id, hostname, tasks, markGone, principal: principal.name };
  log(turn, { what: "agentDraining", ...entry });
  sendDrain(turn, id);
  return undefined;
}

/** Nothing is offered of an agent any more; its tasks are left alone. Rule MST110. */
export function deactivateAgent(
  turn: Turn,
  principal: Principal,
  call: MasterCallDeactivateAgent,
): MasterRefusal | undefined {
  const found = findAgent(turn, principal, "deactivateAgent", call.agent_id.value);
  if (!found.ok) return found.error;
  const { id, record } = found.value;
  if (record.deactivated === true) return undefined;
  replaceRecord(turn, id, { ...record, deactivated: true });
  withhold(turn, id);
  const { hostname } = record.info;
  log(turn, { what: "agentDeactivated", agentId: id, hostname, principal: principal.name });
  return undefined;
}

/** Takes a deactivation or a drain that is over back. Rule MST111. */
export function reactivateAgent(
  turn: Turn,
  principal: Principal,
  call: MasterCallReactivateAgent,
): MasterRefusal | undefined {
  const found = findAgent(turn, principal, "reactivateAgent", call.agent_id.value);
  if (!found.ok) return found.error;
  const { id, record } = found.value;
  if (record.deactivated !== true) {
    return { code: "AGENT_STATE_WRONG", message: "Agent is not deactivated" };
  }
  if (record.drain?.state === "DRAINING") {
    return { code: "AGENT_STATE_WRONG", message: "Agent is still in the DRAINING state" };
  }
  const { deactivated: _deactivated, drain: _drain, ...active } = record;
  replaceRecord(turn, id, active);
  const agent = turn.state.agents.get(id);
  if (agent !== undefined) turn.allocator.setAgentActive(id, agent.isConnected);
  requestAllocation(turn);
  const { hostname } = record.info;
  log(turn, { what: "agentReactivated", agentId: id, hostname, principal: principal.name });
  return undefined;
}

interface FoundAgent {
  readonly id: AgentId;
  readonly record: AgentRecord;
}

function findAgent(
  turn: Turn,
  principal: Principal,
  action: MasterAction,
  name: string,
): Result<FoundAgent, MasterRefusal> {
  const allowed = authorise(principal, action, name);
  if (!allowed.ok) return allowed;
  const id = parseAgentId(name);
  const record = id.ok ? recordOfAgent(turn, id.value) : undefined;
  if (!id.ok || record === undefined) return refuse("AGENT_UNKNOWN", "Unknown agent");
  return ok({ id: id.value, record });
}

function drainOf(
  turn: Turn,
  { max_grace_period: grace, mark_gone }: MasterCallDrainAgent,
): DrainRecord {
  return {
    state: "DRAINING",
    ...(grace === undefined ? {} : { maxGraceNanoseconds: nanosecondsOf(grace) }),
    markGone: mark_gone ?? false,
    startedMs: turn.env.wallMs,
  };
}

/** As text: the seconds of a Duration and a billion of them need more digits than a number has. */
function nanosecondsOf({
  seconds = 0,
  nanos = 0,
}: NonNullable<MasterCallDrainAgent["max_grace_period"]>): string {
  const exact = BigInt(seconds) * 1_000_000_000n + BigInt(nanos);
  return BigInt.asIntN(64, exact).toString();
}

/** Takes back what is offered of an agent and offers no more. */
function withhold(turn: Turn, id: AgentId): void {
  if (!turn.state.agents.has(id)) return;
  turn.allocator.setAgentActive(id, false);
  for (const offer of turn.state.offersOfAgent(id)) rescindOffer(turn, offer);
}
