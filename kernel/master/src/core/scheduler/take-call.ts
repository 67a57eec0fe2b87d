import { assertNever, ok, present, refuse } from "@tutti/base";
import type { Result } from "@tutti/base";
import { parseFrameworkId } from "@tutti/ids";
import type { SchedulerCallType } from "@tutti/mesos-v1";
import { authorise } from "../authorise.ts";
import type { Framework } from "../entities.ts";
import { removeFramework } from "../frameworks/remove-framework.ts";
import { counterOf } from "../metrics.ts";
import type { MasterRefusal } from "../refusal.ts";
import { replyRefused } from "../send.ts";
import type { Turn } from "../turn.ts";
import { acceptOffers } from "./accept.ts";
import { acknowledge } from "./acknowledge.ts";
import type { SchedulerCallEvent } from "./call-event.ts";
import { declineOffers } from "./decline.ts";
import { kill } from "./kill.ts";
import { sendMessage } from "./message.ts";
import { reconcileOperations } from "./reconcile-operations.ts";
import { reconcile } from "./reconcile.ts";
import { revive } from "./revive.ts";
import { shutdownExecutor } from "./shutdown.ts";
import { subscribe } from "./subscribe.ts";
import { suppress } from "./suppress.ts";
import { updateFramework } from "./update-framework.ts";
import { faultOfCall } from "./validate-call.ts";

/** Checks a call of the scheduler API and hands it to its handler. Rules MST30 to MST32. */
export function takeSchedulerCall(turn: Turn, event: SchedulerCallEvent): void {
  const fault = faultOfCall(event.call);
  if (fault !== undefined) {
    const message = `Failed to validate scheduler::Call: ${fault}`;
    replyRefused(turn, event.requestId, { code: "INVALID_CALL", message });
    return;
  }
  if (event.call.type === "SUBSCRIBE") {
    takeSubscribe(turn, event);
    return;
  }
  const framework = frameworkOf(turn, event);
  if (!framework.ok) {
    replyRefused(turn, event.requestId, framework.error);
    return;
  }
  const type = present(event.call.type, "the type of a valid call");
  countCall(turn, framework.value, type);
  dispatch(turn, event, framework.value, type);
}

function takeSubscribe(turn: Turn, event: SchedulerCallEvent): void {
  if (event.streamId !== undefined) {
    const message = "Subscribe calls should not include the 'Mesos-Stream-Id' header";
    replyRefused(turn, event.requestId, { code: "STREAM_ID_UNEXPECTED", message });
    return;
  }
  const info = present(event.call.subscribe, "the subscription of a valid call").framework_info;
  const allowed = authorise(event.principal, "useScheduler", info.id?.value ?? info.name);
  if (allowed.ok) subscribe(turn, event);
  else replyRefused(turn, event.requestId, allowed.error);
}

/** The framework a call speaks for, when it may. */
function frameworkOf(turn: Turn, event: SchedulerCallEvent): Result<Framework, MasterRefusal> {
  const id = present(event.call.framework_id, "the framework id of a valid call").value;
  const allowed = authorise(event.principal, "useScheduler", id);
  if (!allowed.ok) return allowed;
  const parsed = parseFrameworkId(id);
  const framework = parsed.ok ? turn.state.frameworks.get(parsed.value) : undefined;
  if (framework === undefined) return refuse("FRAMEWORK_UNKNOWN", "Framework cannot be found");
  if (framework.streamId === undefined) {
    return refuse("FRAMEWORK_NOT_SUBSCRIBED", "Framework is not subscribed");
  }
  if (event.streamId === undefined) {
    const message = "All non-subscribe calls should include the 'Mesos-Stream-Id' header";
    return refuse("STREAM_ID_MISSING", message);
  }
  if (event.streamId !== framework.streamId) {
    const message =
      `The stream ID '${event.streamId}' included in this request didn't match ` +
      `the stream ID currently associated with framework ID ${framework.id}`;
    return refuse("STREAM_ID_MISMATCH", message);
  }
  return ok(framework);
}

function countCall(turn: Turn, framework: Framework, type: SchedulerCallType): void {
  turn.state.metrics.countOf(framework.id, "calls");
  turn.state.metrics.countOf(framework.id, counterOf("calls", type));
}

/** One row per call: answer first, then what follows from it. */
function dispatch(
  turn: Turn,
  event: SchedulerCallEvent,
  framework: Framework,
  type: SchedulerCallType,
): void {
  const { call, requestId } = event;
  if (type === "UPDATE_FRAMEWORK") {
    updateFramework(turn, requestId, framework, part(call.update_framework));
    return;
  }
  if (type === "UNKNOWN") {
    replyRefused(turn, requestId, { code: "NOT_SUPPORTED", message: "501 Not Implemented." });
    return;
  }
  turn.effects.push({ type: "replyAccepted", requestId });
  switch (type) {
    case "TEARDOWN":
      turn.state.metrics.count("messages_unregister_framework");
      return removeFramework(turn, framework, "teardown");
    case "ACCEPT":
      return acceptOffers(turn, framework, part(call.accept));
    case "DECLINE":
      return declineOffers(turn, framework, part(call.decline));
    case "REVIVE":
      return revive(turn, framework, call.revive);
    case "SUPPRESS":
      return suppress(turn, framework, call.suppress);
    case "KILL":
      return kill(turn, framework, part(call.kill));
    case "ACKNOWLEDGE":
      return acknowledge(turn, framework, part(call.acknowledge));
    case "RECONCILE":
      return reconcile(turn, framework, part(call.reconcile));
    case "RECONCILE_OPERATIONS":
      return reconcileOperations(turn, framework, part(call.reconcile_operations));
    case "MESSAGE":
      return sendMessage(turn);
    case "SHUTDOWN":
      return shutdownExecutor(turn, framework, part(call.shutdown));
    case "REQUEST":
      turn.state.metrics.count("messages_resource_request");
      return;
    case "ACKNOWLEDGE_OPERATION_STATUS":
      turn.state.metrics.count("messages_operation_status_update_acknowledgement");
      turn.state.metrics.count("invalid_operation_status_update_acknowledgements");
      return;
    case "ACCEPT_INVERSE_OFFERS":
    case "DECLINE_INVERSE_OFFERS":
    case "SUBSCRIBE":
      // There are no inverse offers without maintenance; SUBSCRIBE went its own way.
      return;
    default:
      assertNever(type);
  }
}

function part<T>(value: T | undefined): T {
  return present(value, "the part of a valid call");
}
