import type { AgentId } from "@tutti/ids";
import { subtractCharge } from "../charge.ts";
import type { Framework } from "../entities.ts";
import { sendStatus, stateFor, statusOfMaster, tellTaskUpdated } from "../send.ts";
import type { MasterTask } from "../tasks/master-task.ts";
import { countTerminal, isEnded } from "../tasks/task-lifecycle.ts";
import type { Turn } from "../turn.ts";

/** Ends every task of an agent that is given up, also those that were unreachable with it. Rule MST119. */
export function endTasksOfGone(turn: Turn, id: AgentId): void {
  const { state } = turn;
  for (const task of state.tasksOfAgent(id)) {
    const framework = state.frameworks.get(task.frameworkId);
    if (framework !== undefined && !isEnded(task)) {
      subtractCharge(turn, "used", task, task.resources);
      state.putTask(tell(turn, framework, task));
    }
    state.completeTask(state.task(task) ?? task);
  }
  for (const [frameworkId, tasks] of state.tasks) {
    const framework = state.frameworks.get(frameworkId);
    if (framework === undefined) continue;
    const left = [...tasks.unreachable.values()].filter((task) => task.agentId === id);
    for (const task of left) {
      tasks.unreachable.delete(task.taskId);
      tasks.completedCount += 1;
      tasks.completed.set(tasks.completedCount, tell(turn, framework, task).task);
    }
  }
}

/** Tells everybody that a task is gone; returns it so. */
function tell(turn: Turn, framework: Framework, task: MasterTask): MasterTask {
  const status = statusOfMaster(turn, {
    taskId: task.taskId,
    agentId: task.agentId,
    state: stateFor(framework, "TASK_GONE_BY_OPERATOR"),
    reason: "REASON_AGENT_REMOVED_BY_OPERATOR",
    message: "Agent has been marked gone",
  });
  countTerminal(turn, task, status.state);
  sendStatus(turn, framework, status);
  tellTaskUpdated(turn, task, status, status.state);
  return task.withStatus(status, status.state, turn.state.shared);
}
