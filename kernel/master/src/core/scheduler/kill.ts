import { parseTaskId } from "@tutti/ids";
import type { SchedulerCallKill } from "@tutti/mesos-v1";
import type { Framework } from "../entities.ts";
import { sendToAgent } from "../send.ts";
import { isEnded } from "../tasks/task-lifecycle.ts";
import type { Turn } from "../turn.ts";
import { reconcileTask } from "./reconcile.ts";

/**
 * KILL: passed on to the task's agent, and again when the agent comes back; a task that cannot be
 * killed is answered as RECONCILE would. Rule MST61.
 */
export function kill(turn: Turn, framework: Framework, call: SchedulerCallKill): void {
  const { state } = turn;
  state.metrics.count("messages_kill_task");
  const taskId = parseTaskId(call.task_id.value);
  const key = taskId.ok ? { frameworkId: framework.id, taskId: taskId.value } : undefined;
  const task = key === undefined ? undefined : state.task(key);
  const isElsewhere = call.agent_id !== undefined && call.agent_id.value !== task?.agentId;
  if (task === undefined || isElsewhere || isEnded(task)) {
    reconcileTask(turn, framework, call);
    return;
  }
  const policy = call.kill_policy;
  state.putTask(task.withKill(policy === undefined ? {} : { policy }));
  const session = state.sessions.get(task.agentId);
  if (session === undefined) return;
  sendToAgent(turn, session, {
    type: "killTask",
    frameworkId: framework.id,
    taskId: task.taskId,
    ...(policy === undefined ? {} : { killPolicy: policy }),
  });
}
