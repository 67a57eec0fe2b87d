import { isTerminal, nanosecondsOf } from "@tutti/mesos-v1";
import type { AgentId } from "@tutti/ids";
import type { Framework } from "../entities.ts";
import { subtractCharge } from "../charge.ts";
import { limits } from "../limits.ts";
import { rescindOffer } from "../offers/remove-offer.ts";
import {
  sendStatus,
  sendToFramework,
  stateFor,
  statusOfMaster,
  tellOperators,
  tellTaskUpdated,
} from "../send.ts";
import type { MasterTask } from "../tasks/master-task.ts";
import { isEnded } from "../tasks/task-lifecycle.ts";
import type { Turn } from "../turn.ts";
import { log, requestAllocation } from "../turn.ts";
import { dropSession } from "./session.ts";
import { settleRecovery } from "./settle-recovery.ts";
import { forgetOverage, rememberUnreachable } from "./unreachable-agents.ts";

const removalSpacingMs = 60_000 / limits.agentRemovalsPerMinute;

/** Declares agents unreachable that wait for it, no faster than the rate limit. Rule MST23. */
export function removeDueAgents(turn: Turn): void {
  const { state, env } = turn;
  for (const id of state.removals) {
    if (env.monoMs < state.deadlines.removalMonoMs) return;
    state.removals.delete(id);
    state.deadlines.removalMonoMs = env.monoMs + removalSpacingMs;
    markUnreachable(turn, id);
  }
}

/**
 * Gives an agent up for the time being, durably: its tasks are told unreachable (lost, to frameworks
 * that know no better), its offers rescinded, all frameworks informed. Rule MST24.
 */
export function markUnreachable(turn: Turn, id: AgentId): void {
  const { state, env } = turn;
  const record = state.agents.get(id)?.record ?? state.recoveredAgents.get(id);
  if (record === undefined) return;
  const marked = { ...record, unreachableMs: env.wallMs };
  turn.persist.push({ type: "putAgent", agentId: id, record: marked });
  rememberUnreachable(turn, id, marked, env.wallMs);
  forgetOverage(turn);
  const session = state.sessions.get(id);
  if (session !== undefined) {
    dropSession(turn, session);
    turn.effects.push({ type: "closeAgent", connectionId: session.connectionId });
  }
  const wasRegistered = state.agents.has(id);
  state.metrics.count("slave_unreachable_completed");
  state.metrics.count(
    wasRegistered ? "slave_removals/reason_unhealthy" : "recovery_slave_removals",
  );
  if (wasRegistered) state.metrics.count("slave_removals");
  const tasks = state.tasksOfAgent(id);
  log(turn, {
    what: "agentUnreachable",
    agentId: id,
    hostname: record.info.hostname,
    why: wasRegistered ? "pings" : "notReturned",
    tasks: tasks.length,
  });
  for (const task of tasks) leaveTask(turn, task, env.wallMs);
  for (const offer of state.offersOfAgent(id)) rescindOffer(turn, offer);
  if (wasRegistered) turn.allocator.removeAgent(id);
  state.agents.delete(id);
  if (state.recoveredAgents.delete(id)) settleRecovery(turn, "unreachable");
  state.liveness.delete(id);
  state.deadlines.pings.delete(id);
  state.deadlines.recoveries.delete(id);
  state.version += 1;
  for (const framework of state.frameworks.values()) {
    sendToFramework(turn, framework, { type: "FAILURE", failure: { agent_id: { value: id } } });
  }
  tellOperators(turn, () => ({
    type: "AGENT_REMOVED",
    agent_removed: { agent_id: { value: id } },
  }));
  requestAllocation(turn);
}

function leaveTask(turn: Turn, task: MasterTask, wallMs: number): void {
  const { state } = turn;
  const framework = state.frameworks.get(task.frameworkId);
  if (framework === undefined) return;
  if (isEnded(task)) {
    state.completeTask(task);
    return;
  }
  const status = statusOfMaster(turn, {
    taskId: task.taskId,
    agentId: task.agentId,
    state: stateFor(framework, "TASK_UNREACHABLE"),
    reason: "REASON_AGENT_REMOVED",
    message: "health check timed out",
    unreachableNanoseconds: nanosecondsOf(wallMs),
  });
  subtractCharge(turn, "used", task, task.resources);
  state.takeTask(task);
  const left = task.withoutLaunch().withStatus(status, status.state, state.shared);
  keepUnreachable(turn, framework, left);
  if (!isTerminal(status.state)) state.metrics.count("tasks_unreachable");
  sendStatus(turn, framework, status);
  tellTaskUpdated(turn, task, status, status.state);
}

function keepUnreachable(turn: Turn, framework: Framework, task: MasterTask): void {
  turn.state.tasksOf(framework.id).unreachable.set(task.taskId, task);
}
