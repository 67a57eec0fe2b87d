import type { SchedulerCallShutdown } from "@tutti/mesos-v1";
import type { Framework } from "../entities.ts";
import { isEnded } from "../tasks/task-lifecycle.ts";
import type { Turn } from "../turn.ts";
import { kill } from "./kill.ts";

/**
 * SHUTDOWN of an executor: its tasks on that agent are killed. A command task's executor has the
 * task's id. An unknown executor is ignored, as in Mesos. Rule MST68.
 */
export function shutdownExecutor(
  turn: Turn,
  framework: Framework,
  call: SchedulerCallShutdown,
): void {
  for (const task of turn.state.tasksOf(framework.id).active.values()) {
    const executorId = task.executorId ?? task.taskId;
    if (executorId !== call.executor_id.value || task.agentId !== call.agent_id.value) continue;
    if (!isEnded(task)) kill(turn, framework, { task_id: { value: task.taskId } });
  }
}
