import { parseFrameworkId, parseTaskId } from "@tutti/ids";
import { isTerminal } from "@tutti/mesos-v1";
import type { AgentMessage } from "@tutti/node-v1";
import type { Session } from "../entities.ts";
import { sendStatus, sendToAgent, tellTaskUpdated } from "../send.ts";
import type { MasterTask, TaskKey } from "../tasks/master-task.ts";
import { countTerminal, isEnded, releaseTask } from "../tasks/task-lifecycle.ts";
import type { Turn } from "../turn.ts";

type StatusUpdate = Extract<AgentMessage, { readonly type: "statusUpdate" }>;

/**
 * Takes an update of a task: the books first, then the framework, which acknowledges it by its uuid.
 * Repeated updates are passed on again: only the framework knows whether it has had them. Rule MST60.
 */
export function updateStatus(turn: Turn, session: Session, update: StatusUpdate): void {
  const { state } = turn;
  state.metrics.count("messages_status_update");
  const key = keyOf(update);
  const framework = key === undefined ? undefined : state.frameworks.get(key.frameworkId);
  if (key === undefined || framework === undefined) {
    state.metrics.count("invalid_status_updates");
    if (key !== undefined && state.completedFrameworks.has(key.frameworkId)) {
      sendToAgent(turn, session, { type: "shutdownFramework", frameworkId: key.frameworkId });
    }
    return;
  }
  const task = state.task(key);
  if (task !== undefined && task.agentId !== session.agentId) {
    releaseForeign(turn, session, update);
    return;
  }
  state.metrics.count(task === undefined ? "invalid_status_updates" : "valid_status_updates");
  if (task !== undefined) {
    const next = applyUpdate(turn, task, update);
    const hasEnded = !isTerminal(task.state) && isTerminal(next.state);
    if (hasEnded || !isRepeated(task, update))
      tellTaskUpdated(turn, task, update.status, update.latestState);
  }
  sendStatus(turn, framework, withOrigin(session, update));
}

function keyOf(update: StatusUpdate): TaskKey | undefined {
  const frameworkId = parseFrameworkId(update.frameworkId);
  const taskId = parseTaskId(update.status.task_id.value);
  if (!frameworkId.ok || !taskId.ok) return undefined;
  return { frameworkId: frameworkId.value, taskId: taskId.value };
}

/** Operators have heard of this status; of an end that came while it waited, perhaps not. */
function isRepeated(task: MasterTask, { status }: StatusUpdate): boolean {
  return status.uuid !== undefined && status.uuid === task.updateUuid;
}

/** The id runs on another agent now: this one may forget its update, nobody waits for it. */
function releaseForeign(turn: Turn, session: Session, update: StatusUpdate): void {
  const { uuid, task_id: taskId } = update.status;
  if (uuid === undefined) return;
  sendToAgent(turn, session, {
    type: "acknowledgeStatus",
    frameworkId: update.frameworkId,
    taskId: taskId.value,
    uuid,
  });
}

function applyUpdate(turn: Turn, task: MasterTask, update: StatusUpdate): MasterTask {
  const { shared } = turn.state;
  const next = task.withoutLaunch().withStatus(update.status, update.latestState, shared);
  turn.state.putTask(next);
  if (isEnded(task) || !isTerminal(next.state)) return next;
  releaseTask(turn, next);
  countTerminal(turn, next, next.state);
  return next;
}

/** The agent's id is filled in where the agent left it out. */
function withOrigin(session: Session, update: StatusUpdate): StatusUpdate["status"] {
  if (update.status.agent_id !== undefined) return update.status;
  return { ...update.status, agent_id: { value: session.agentId } };
}
