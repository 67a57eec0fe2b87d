import type { StreamId } from "@tutti/ids";
import { stateForPartitionUnaware } from "@tutti/mesos-v1";
import type {
  MasterEvent as OperatorEvent,
  SchedulerEvent,
  TaskState,
  TaskStatus,
  TaskStatusReason,
} from "@tutti/mesos-v1";
import type { MasterMessage } from "@tutti/node-v1";
import type { Framework, Session } from "./entities.ts";
import type { MasterRefusal } from "./refusal.ts";
import { counterOf } from "./metrics.ts";
import type { TaskKey } from "./tasks/master-task.ts";
import type { Turn } from "./turn.ts";
import { timestampOf } from "./turn.ts";

/** Sends an event to a framework, if it is subscribed; else it is lost, and reconciliation finds it. */
export function sendToFramework(turn: Turn, framework: Framework, event: SchedulerEvent): void {
  if (framework.streamId === undefined) return;
  turn.state.metrics.countOf(framework.id, "events");
  turn.state.metrics.countOf(framework.id, counterOf("events", event.type ?? "UNKNOWN"));
  turn.effects.push({ type: "sendSchedulerEvent", streamId: framework.streamId, event });
}

/** Sends a status of a task to its framework. */
export function sendStatus(turn: Turn, framework: Framework, status: TaskStatus): void {
  sendToFramework(turn, framework, { type: "UPDATE", update: { status } });
}

/** A last word on a stream, and its end. */
export function sendErrorAndClose(turn: Turn, streamId: StreamId, message: string): void {
  turn.effects.push(
    { type: "sendSchedulerEvent", streamId, event: { type: "ERROR", error: { message } } },
    { type: "closeSchedulerStream", streamId },
  );
}

/** Sends a message in an agent's session; returns its number. */
export function sendToAgent(turn: Turn, session: Session, message: MasterMessage): number {
  session.seqSent += 1;
  turn.effects.push({
    type: "sendAgent",
    connectionId: session.connectionId,
    envelope: { epoch: turn.config.epoch, seq: session.seqSent, message },
  });
  return session.seqSent;
}

/** Tells every operator stream; the event is made only when there is one. */
export function tellOperators(turn: Turn, makeEvent: () => OperatorEvent): void {
  if (turn.state.operatorSubscribers.size === 0) return;
  turn.effects.push({ type: "sendOperatorEvent", event: makeEvent() });
}

/** Tells operators of a status of a task; `state` is the newest that is known of it. */
export function tellTaskUpdated(
  turn: Turn,
  task: TaskKey,
  status: TaskStatus,
  state: TaskState,
): void {
  tellOperators(turn, () => ({
    type: "TASK_UPDATED",
    task_updated: { framework_id: { value: task.frameworkId }, status, state },
  }));
}

/** Refuses a request. */
export function replyRefused(turn: Turn, requestId: string, refusal: MasterRefusal): void {
  turn.effects.push({ type: "replyRefused", requestId, refusal });
}

/** What a status of the master's own says. */
export interface MasterStatus {
  readonly taskId: string;
  readonly agentId?: string | undefined;
  readonly state: TaskState;
  readonly reason: TaskStatusReason;
  readonly message: string;
  readonly unreachableNanoseconds?: number | bigint | undefined;
}

/** A status with the master as its source: without uuid, so nobody acknowledges it. */
export function statusOfMaster(turn: Turn, status: MasterStatus): TaskStatus {
  // By assignment: a reconciliation makes one for each task, and spreading parts that are mostly empty costs more.
  const made: { -readonly [Name in keyof TaskStatus]: TaskStatus[Name] } = {
    task_id: { value: status.taskId },
    state: status.state,
    message: status.message,
    source: "SOURCE_MASTER",
    reason: status.reason,
  };
  if (status.agentId !== undefined) made.agent_id = { value: status.agentId };
  made.timestamp = timestampOf(turn);
  if (status.unreachableNanoseconds !== undefined)
    made.unreachable_time = { nanoseconds: status.unreachableNanoseconds };
  return made;
}

/** `state`, or what a framework that cannot tell partitions apart is told instead: TASK_LOST. */
export function stateFor(framework: Framework, state: TaskState): TaskState {
  return framework.capabilities.has("PARTITION_AWARE") ? state : stateForPartitionUnaware(state);
}
