import { parseAgentId, parseTaskId } from "@tutti/ids";
import { isTerminal } from "@tutti/mesos-v1";
import type { SchedulerCallAcknowledge } from "@tutti/mesos-v1";
import type { Framework } from "../entities.ts";
import { sendToAgent } from "../send.ts";
import type { Turn } from "../turn.ts";

/**
 * ACKNOWLEDGE: passed on to the agent, which then forgets the update; a task whose end is acknowledged
 * goes into the history. An agent that is away sends its update again later. Rule MST62.
 */
export function acknowledge(
  turn: Turn,
  framework: Framework,
  call: SchedulerCallAcknowledge,
): void {
  const { state } = turn;
  state.metrics.count("messages_status_update_acknowledgement");
  const agentId = parseAgentId(call.agent_id.value);
  const taskId = parseTaskId(call.task_id.value);
  const session = agentId.ok ? state.sessions.get(agentId.value) : undefined;
  if (!taskId.ok || session === undefined) {
    state.metrics.count("invalid_status_update_acknowledgements");
    return;
  }
  const task = state.task({ frameworkId: framework.id, taskId: taskId.value });
  if (task !== undefined && task.agentId !== session.agentId) {
    state.metrics.count("invalid_status_update_acknowledgements");
    return;
  }
  state.metrics.count("valid_status_update_acknowledgements");
  sendToAgent(turn, session, {
    type: "acknowledgeStatus",
    frameworkId: framework.id,
    taskId: taskId.value,
    uuid: call.uuid,
  });
  if (task === undefined || task.updateUuid !== call.uuid) return;
  const acknowledged = task.updateState;
  if (acknowledged !== undefined && isTerminal(acknowledged)) state.completeTask(task);
}
