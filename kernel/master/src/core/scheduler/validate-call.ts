import { parseUpdateUuid } from "@tutti/ids";
import type { SchedulerCall, SchedulerCallType } from "@tutti/mesos-v1";

/** The field that holds what a call of each type needs; undefined: it needs none. */
const partOfCall = {
  UNKNOWN: undefined,
  SUBSCRIBE: "subscribe",
  TEARDOWN: undefined,
  ACCEPT: "accept",
  DECLINE: "decline",
  ACCEPT_INVERSE_OFFERS: "accept_inverse_offers",
  DECLINE_INVERSE_OFFERS: "decline_inverse_offers",
  REVIVE: undefined,
  KILL: "kill",
  SHUTDOWN: "shutdown",
  ACKNOWLEDGE: "acknowledge",
  ACKNOWLEDGE_OPERATION_STATUS: "acknowledge_operation_status",
  RECONCILE: "reconcile",
  RECONCILE_OPERATIONS: "reconcile_operations",
  MESSAGE: "message",
  REQUEST: "request",
  SUPPRESS: undefined,
  UPDATE_FRAMEWORK: "update_framework",
} as const satisfies Record<SchedulerCallType, keyof SchedulerCall | undefined>;

/** What is wrong with a call by itself, in Mesos's words; undefined when nothing is. Rule MST30. */
export function faultOfCall(call: SchedulerCall): string | undefined {
  const { type } = call;
  if (type === undefined) return "Expecting 'type' to be present";
  if (type === "SUBSCRIBE") return faultOfSubscribe(call);
  if (call.framework_id === undefined) return "Expecting 'framework_id' to be present";
  const part = partOfCall[type];
  if (part !== undefined && call[part] === undefined) return `Expecting '${part}' to be present`;
  const uuid = call.acknowledge?.uuid ?? call.acknowledge_operation_status?.uuid;
  if (part?.startsWith("acknowledge") === true && uuid !== undefined) {
    const parsed = parseUpdateUuid(uuid);
    if (!parsed.ok) return parsed.error.message;
  }
  const infoId = call.update_framework?.framework_info.id?.value;
  if (type === "UPDATE_FRAMEWORK" && infoId !== call.framework_id.value) {
    return "'framework_id' differs from 'update_framework.framework_info.id'";
  }
  return undefined;
}

function faultOfSubscribe(call: SchedulerCall): string | undefined {
  if (call.subscribe === undefined) return "Expecting 'subscribe' to be present";
  const infoId = call.subscribe.framework_info.id?.value;
  // An id in only one of the two places is a difference too: Mesos wants both or neither.
  if ((infoId ?? "") !== (call.framework_id?.value ?? "")) {
    return "'framework_id' differs from 'subscribe.framework_info.id'";
  }
  return undefined;
}
