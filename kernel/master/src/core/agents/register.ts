import type { AgentId, FrameworkId } from "@tutti/ids";
import { messages, toJson } from "@tutti/mesos-v1";
import type { AgentHello } from "@tutti/node-v1";
import { Resources } from "@tutti/resources";
import type { Agent, Session } from "../entities.ts";
import type { AgentRecord } from "../events.ts";
import type { AgentAbsence } from "../log-entry.ts";
import { rescindOffer } from "../offers/remove-offer.ts";
import { agentView } from "../read/agent-view.ts";
import { tellOperators } from "../send.ts";
import { isEnded } from "../tasks/task-lifecycle.ts";
import type { Turn } from "../turn.ts";
import { log, requestAllocation } from "../turn.ts";
import { adoptTasks } from "./adopt-tasks.ts";
import { sendDrain } from "./send-drain.ts";
import { startPinging } from "./ping.ts";
import { settleRecovery } from "./settle-recovery.ts";

/** An agent that has passed all checks. */
export interface Registration {
  readonly id: AgentId;
  readonly record: AgentRecord;
  readonly total: Resources;
  readonly session: Session;
  readonly hello: AgentHello;
}

/** Puts an agent on the books: new, back after a break, after an election, or after being unreachable. */
export function registerAgent(turn: Turn, registration: Registration): void {
  const { id, record, session, hello } = registration;
  const { state } = turn;
  const before = state.agents.get(id);
  const wasUnreachable = state.unreachableAgents.has(id);
  const absence = absenceOf(turn, id);
  const isReregistered = absence !== undefined;
  countRegistration(turn, id, isReregistered);
  persistRecord(turn, id, record);

  for (const offer of state.offersOfAgent(id)) rescindOffer(turn, offer);
  state.recoveredAgents.delete(id);
  state.unreachableAgents.delete(id);
  state.deadlines.recoveries.delete(id);
  state.removals.delete(id);
  if (before !== undefined) turn.allocator.removeAgent(id);

  state.putAgent(booksOf(turn, registration, before, isReregistered));
  sendDrain(turn, id);
  adoptTasks(turn, { session, hello, wasUnreachable });
  admitToAllocator(turn, id);
  logRegistration(turn, registration, absence);
  startPinging(turn, id);
  const agent = state.agents.get(id);
  if (before === undefined && agent !== undefined) {
    tellOperators(turn, () => ({ type: "AGENT_ADDED", agent_added: { agent: agentView(agent) } }));
  }
  requestAllocation(turn);
}

/** Where an agent was until now; undefined: it is new. */
function absenceOf({ state }: Turn, id: AgentId): AgentAbsence | undefined {
  const before = state.agents.get(id);
  if (before !== undefined) return before.isConnected ? "connected" : "disconnected";
  if (state.recoveredAgents.has(id)) return "recovered";
  return state.unreachableAgents.has(id) ? "unreachable" : undefined;
}

function logRegistration(
  turn: Turn,
  { id, hello }: Registration,
  from: AgentAbsence | undefined,
): void {
  const tasks = hello.tasks.length;
  const { hostname } = hello.agent;
  if (from === undefined) log(turn, { what: "agentAdmitted", agentId: id, hostname, tasks });
  else log(turn, { what: "agentReturned", agentId: id, hostname, from, tasks });
  if (from === "recovered") settleRecovery(turn, "returned");
}

function countRegistration(turn: Turn, id: AgentId, isReregistered: boolean): void {
  const { metrics } = turn.state;
  if (isReregistered) {
    metrics.count("messages_reregister_slave");
    metrics.count("slave_reregistrations");
    if (turn.state.removals.has(id)) metrics.count("slave_unreachable_canceled");
  } else {
    metrics.count("messages_register_slave");
    metrics.count("slave_registrations");
  }
}

/** Writes the record only when something in it has changed: a mere reconnect costs no disk. */
function persistRecord(turn: Turn, id: AgentId, record: AgentRecord): void {
  const { state } = turn;
  const known = state.agents.get(id)?.record ?? state.recoveredAgents.get(id);
  if (known !== undefined && textOf(known) === textOf(record)) return;
  turn.persist.push({ type: "putAgent", agentId: id, record });
}

/** Everything of a record; 64-bit numbers of its description included. */
function textOf({ info, ...rest }: AgentRecord): string {
  return toJson(messages.AgentInfo, info) + JSON.stringify(rest);
}

function booksOf(
  turn: Turn,
  { id, record, total }: Registration,
  before: Agent | undefined,
  isReregistered: boolean,
): Agent {
  return {
    id,
    record,
    total,
    used: before?.used ?? Resources.empty,
    offered: Resources.empty,
    isConnected: true,
    ...(isReregistered ? { reregisteredMs: turn.env.wallMs } : {}),
  };
}

/** Tells the allocator what the agent has and who uses how much of it. */
function admitToAllocator(turn: Turn, id: AgentId): void {
  const { state } = turn;
  const agent = state.agents.get(id);
  if (agent === undefined) return;
  const used = new Map<FrameworkId, Resources>();
  for (const task of state.tasksOfAgent(id)) {
    if (isEnded(task)) continue;
    used.set(task.frameworkId, (used.get(task.frameworkId) ?? Resources.empty).add(task.resources));
  }
  turn.allocator.addAgent({ id, total: agent.total }, used);
  if (agent.record.deactivated === true) turn.allocator.setAgentActive(id, false);
}
