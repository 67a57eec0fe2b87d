import type { MasterEvent as OperatorEvent, SchedulerEvent } from "@tutti/mesos-v1";
import type { MasterMessage } from "@tutti/node-v1";
import type { MasterEffect } from "../events.ts";

/** One effect as one line of a story. */
export function tellEffect(effect: MasterEffect): string {
  switch (effect.type) {
    case "replyAccepted":
    case "replyOk":
      return `${effect.type} ${effect.requestId}`;
    case "replyRefused":
      return `replyRefused ${effect.requestId} ${effect.refusal.code}: ${effect.refusal.message}`;
    case "openSchedulerStream":
      return `openStream ${effect.streamId}`;
    case "closeSchedulerStream":
      return `closeStream ${effect.streamId}`;
    case "sendSchedulerEvent":
      return `to ${effect.streamId}: ${tellSchedulerEvent(effect.event)}`;
    case "sendAgent":
      return `to ${effect.connectionId}: ${effect.envelope.epoch}/${effect.envelope.seq} ${tellMessage(effect.envelope.message)}`;
    case "closeAgent":
      return `closeAgent ${effect.connectionId}`;
    case "replyAgentPost":
      return `post ${effect.outcome}`;
    case "sendOperatorEvent":
      return `to ${effect.subscriberId ?? "operators"}: ${tellOperatorEvent(effect.event)}`;
    case "closeOperatorStream":
      return `closeOperator ${effect.subscriberId}`;
    case "doubtLeadership":
      return `doubtLeadership ${effect.epochSeen}`;
    case "log":
      return `log ${effect.entry.what}`;
  }
}

function tellSchedulerEvent(event: SchedulerEvent): string {
  const parts: unknown[] = [event.type];
  if (event.subscribed !== undefined) parts.push(event.subscribed.framework_id.value);
  for (const offer of event.offers?.offers ?? []) parts.push(offer.id.value, offer.agent_id.value);
  if (event.rescind !== undefined) parts.push(event.rescind.offer_id.value);
  if (event.update !== undefined) {
    const { status } = event.update;
    parts.push(status.task_id.value, status.state, status.reason ?? "", status.message ?? "");
  }
  if (event.failure !== undefined) parts.push(event.failure.agent_id?.value);
  if (event.error !== undefined) parts.push(event.error.message);
  const operation = event.update_operation_status?.status;
  if (operation !== undefined) parts.push(operation.state, operation.message);
  return parts.join(" ").trimEnd();
}

function tellMessage(message: MasterMessage): string {
  switch (message.type) {
    case "welcome":
      return `welcome ${message.agentId}`;
    case "refused":
      return `refused ${message.code}`;
    case "ping":
      return "ping";
    case "launchTask":
      return `launch ${message.task.task_id.value}`;
    case "killTask":
      return `kill ${message.taskId}`;
    case "acknowledgeStatus":
      return `acknowledge ${message.taskId} ${message.uuid}`;
    case "drainAgent":
      return "drain";
    case "shutdownFramework":
      return `shutdown ${message.frameworkId}`;
    case "updateFramework":
      return `update ${message.framework.id?.value ?? ""}`;
  }
}

function tellOperatorEvent(event: OperatorEvent): string {
  const parts: unknown[] = [event.type];
  if (event.task_added !== undefined) parts.push(event.task_added.task.task_id.value);
  if (event.task_updated !== undefined) {
    parts.push(event.task_updated.status.task_id.value, event.task_updated.state);
  }
  parts.push(
    event.agent_added?.agent.agent_info.id?.value ??
      event.agent_removed?.agent_id.value ??
      event.framework_added?.framework.framework_info.id?.value ??
      event.framework_updated?.framework.framework_info.id?.value ??
      event.framework_removed?.framework_info.id?.value ??
      "",
  );
  return parts.join(" ").trimEnd();
}
