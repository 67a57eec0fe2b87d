import type { AgentId } from "@tutti/ids";
import type { Framework } from "../entities.ts";
import type { FrameworkEnd } from "../log-entry.ts";
import { withdrawOffer } from "../offers/remove-offer.ts";
import { sendToAgent, statusOfMaster, tellOperators, tellTaskUpdated } from "../send.ts";
import type { MasterTask } from "../tasks/master-task.ts";
import { endTask, isEnded } from "../tasks/task-lifecycle.ts";
import type { Turn } from "../turn.ts";
import { log, requestAllocation } from "../turn.ts";
import { closeStream } from "./streams.ts";

/**
 * Ends a framework: its agents kill its tasks, its offers go back, it is remembered as completed.
 * Rule MST35.
 */
export function removeFramework(turn: Turn, framework: Framework, why: FrameworkEnd): void {
  const { state, env } = turn;
  for (const offer of state.offersOfFramework(framework.id)) withdrawOffer(turn, offer);
  const tasks = state.tasksOf(framework.id);
  log(turn, {
    what: "frameworkRemoved",
    frameworkId: framework.id,
    name: framework.info.name,
    why,
    tasks: tasks.active.size,
  });
  const agents = new Set<AgentId>();
  for (const task of tasks.active.values()) {
    agents.add(task.agentId);
    finishTask(turn, task);
  }
  for (const task of tasks.unreachable.values()) {
    tasks.unreachable.delete(task.taskId);
    tasks.completedCount += 1;
    tasks.completed.set(tasks.completedCount, task.task);
  }
  for (const agentId of agents) {
    const session = state.sessions.get(agentId);
    if (session === undefined) continue;
    sendToAgent(turn, session, { type: "shutdownFramework", frameworkId: framework.id });
  }
  closeStream(turn, framework);
  turn.allocator.removeFramework(framework.id);
  state.deadlines.failovers.delete(framework.id);
  const last = state.frameworks.get(framework.id) ?? framework;
  state.frameworks.delete(framework.id);
  state.tasks.delete(framework.id);
  const { streamId: _stream, ...rest } = last;
  const evicted = state.completedFrameworks.set(framework.id, {
    framework: { ...rest, status: "disconnected" },
    unregisteredMs: env.wallMs,
    tasks,
  });
  if (evicted !== undefined) state.metrics.byFramework.delete(evicted[0]);
  state.version += 1;
  tellOperators(turn, () => ({
    type: "FRAMEWORK_REMOVED",
    framework_removed: { framework_info: framework.info },
  }));
  requestAllocation(turn);
}

/** Nobody will tell how the task ended: the history says it was killed with its framework. */
function finishTask(turn: Turn, task: MasterTask): void {
  if (isEnded(task)) {
    turn.state.completeTask(task);
    return;
  }
  const status = statusOfMaster(turn, {
    taskId: task.taskId,
    agentId: task.agentId,
    state: "TASK_KILLED",
    reason: "REASON_FRAMEWORK_REMOVED",
    message: `Framework ${task.frameworkId} removed`,
  });
  endTask(turn, task, status);
  tellTaskUpdated(turn, task, status, status.state);
}
