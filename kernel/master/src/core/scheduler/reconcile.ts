import { parseAgentId, parseTaskId } from "@tutti/ids";
import type { AgentId } from "@tutti/ids";
import { nanosecondsOf } from "@tutti/mesos-v1";
import type { SchedulerCallReconcile, SchedulerCallReconcileTask } from "@tutti/mesos-v1";
import type { Framework } from "../entities.ts";
import type { MasterTask } from "../tasks/master-task.ts";
import { sendStatus, stateFor, statusOfMaster } from "../send.ts";
import type { MasterStatus } from "../send.ts";
import type { Turn } from "../turn.ts";

/** RECONCILE: the latest state of the named tasks, or of all when none is named. Rules MST64, MST65. */
export function reconcile(turn: Turn, framework: Framework, call: SchedulerCallReconcile): void {
  turn.state.metrics.count("messages_reconcile_tasks");
  const named = call.tasks ?? [];
  if (named.length > 0) {
    for (const task of named) reconcileTask(turn, framework, task);
    return;
  }
  for (const task of turn.state.tasksOf(framework.id).active.values()) {
    sendLatest(turn, framework, task);
  }
}

/** Answers for one task. Silence while its agent, or any that might have it, is still expected back. */
export function reconcileTask(
  turn: Turn,
  framework: Framework,
  named: SchedulerCallReconcileTask,
): void {
  const { state } = turn;
  const taskId = parseTaskId(named.task_id.value);
  const tasks = state.tasksOf(framework.id);
  const task = taskId.ok ? tasks.active.get(taskId.value) : undefined;
  if (task !== undefined) {
    sendLatest(turn, framework, task);
    return;
  }
  const lost = taskId.ok ? tasks.unreachable.get(taskId.value) : undefined;
  const agentId = agentOf(named, lost);
  const answer = answerForUnknown(turn, agentId, lost !== undefined);
  if (answer === undefined) return;
  sendStatus(
    turn,
    framework,
    statusOfMaster(turn, {
      ...answer,
      taskId: named.task_id.value,
      agentId: named.agent_id?.value ?? agentId,
      state: stateFor(framework, answer.state),
      reason: "REASON_RECONCILIATION",
    }),
  );
}

function agentOf(
  named: SchedulerCallReconcileTask,
  lost: MasterTask | undefined,
): AgentId | undefined {
  if (named.agent_id === undefined) return lost?.agentId;
  const parsed = parseAgentId(named.agent_id.value);
  return parsed.ok ? parsed.value : undefined;
}

type Answer = Pick<MasterStatus, "state" | "message" | "unreachableNanoseconds">;

function answerForUnknown(
  turn: Turn,
  agentId: AgentId | undefined,
  isLost: boolean,
): Answer | undefined {
  const { state } = turn;
  if (agentId !== undefined) {
    if (state.goneAgents.has(agentId)) {
      return { state: "TASK_GONE_BY_OPERATOR", message: "Reconciliation: Task is gone" };
    }
    if (state.recoveredAgents.has(agentId)) return undefined;
    if (state.agents.has(agentId)) {
      return { state: "TASK_GONE", message: "Reconciliation: Task is unknown to the agent" };
    }
    const unreachable = state.unreachableAgents.get(agentId);
    if (unreachable !== undefined || isLost) {
      return {
        state: "TASK_UNREACHABLE",
        message: "Reconciliation: Task is unreachable",
        unreachableNanoseconds: nanosecondsOf(unreachable?.unreachableMs ?? turn.env.wallMs),
      };
    }
  } else if (state.recoveredAgents.size > 0) {
    return undefined;
  }
  return { state: "TASK_UNKNOWN", message: "Reconciliation: Task is unknown" };
}

function sendLatest(turn: Turn, framework: Framework, task: MasterTask): void {
  const status = statusOfMaster(turn, {
    taskId: task.taskId,
    agentId: task.agentId,
    state: task.updateState ?? task.state,
    reason: "REASON_RECONCILIATION",
    message: "Reconciliation: Latest task state",
  });
  const latest = task.latestReport;
  sendStatus(turn, framework, latest === undefined ? status : { ...status, ...latest });
}
