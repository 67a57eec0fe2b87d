import { parseFrameworkId } from "@tutti/ids";
import type { MasterCallTeardown } from "@tutti/mesos-v1";
import { authorise } from "../authorise.ts";
import type { MasterEvent } from "../events.ts";
import { removeFramework } from "../frameworks/remove-framework.ts";
import type { Principal } from "../principal.ts";
import type { MasterRefusal } from "../refusal.ts";
import { replyRefused } from "../send.ts";
import type { Turn } from "../turn.ts";
import { deactivateAgent, drainAgent, reactivateAgent } from "./drain-agent.ts";
import { markAgentGone } from "./mark-agent-gone.ts";
import { removeQuota } from "./remove-quota.ts";
import { setQuota } from "./set-quota.ts";
import { updateQuota } from "./update-quota.ts";
import { updateWeights } from "./update-weights.ts";

type OperatorCallEvent = Extract<MasterEvent, { readonly type: "operatorCall" }>;

/** Does what an operator asks for, or says why not. */
export function takeOperatorCall(turn: Turn, event: OperatorCallEvent): void {
  const refusal = perform(turn, event);
  if (refusal !== undefined) replyRefused(turn, event.requestId, refusal);
  else turn.effects.push({ type: "replyOk", requestId: event.requestId });
}

function perform(turn: Turn, { principal, call }: OperatorCallEvent): MasterRefusal | undefined {
  if (call.type === "UPDATE_WEIGHTS") {
    return call.update_weights === undefined
      ? missing("update_weights")
      : updateWeights(turn, principal, call.update_weights);
  }
  if (call.type === "UPDATE_QUOTA") {
    return call.update_quota === undefined
      ? missing("update_quota")
      : updateQuota(turn, principal, call.update_quota);
  }
  if (call.type === "SET_QUOTA") {
    return call.set_quota === undefined
      ? missing("set_quota")
      : setQuota(turn, principal, call.set_quota.quota_request);
  }
  if (call.type === "REMOVE_QUOTA") {
    return call.remove_quota === undefined
      ? missing("remove_quota")
      : removeQuota(turn, principal, call.remove_quota);
  }
  if (call.type === "DRAIN_AGENT") {
    return call.drain_agent === undefined
      ? missing("drain_agent")
      : drainAgent(turn, principal, call.drain_agent);
  }
  if (call.type === "DEACTIVATE_AGENT") {
    return call.deactivate_agent === undefined
      ? missing("deactivate_agent")
      : deactivateAgent(turn, principal, call.deactivate_agent);
  }
  if (call.type === "REACTIVATE_AGENT") {
    return call.reactivate_agent === undefined
      ? missing("reactivate_agent")
      : reactivateAgent(turn, principal, call.reactivate_agent);
  }
  if (call.type === "MARK_AGENT_GONE") {
    return call.mark_agent_gone === undefined
      ? missing("mark_agent_gone")
      : markAgentGone(turn, principal, call.mark_agent_gone);
  }
  if (call.type === "TEARDOWN") {
    return call.teardown === undefined
      ? missing("teardown")
      : teardown(turn, principal, call.teardown);
  }
  return {
    code: "NOT_SUPPORTED",
    message: `The call ${call.type ?? "UNKNOWN"} is not supported by this release`,
  };
}

function missing(part: string): MasterRefusal {
  return {
    code: "INVALID_CALL",
    message: `Failed to validate master::Call: Expecting '${part}' to be present`,
  };
}

/** TEARDOWN: ends a framework and all its tasks. Rule MST35. */
function teardown(
  turn: Turn,
  principal: Principal,
  call: MasterCallTeardown,
): MasterRefusal | undefined {
  const { value } = call.framework_id;
  const allowed = authorise(principal, "teardownFramework", value);
  if (!allowed.ok) return allowed.error;
  const id = parseFrameworkId(value);
  const framework = id.ok ? turn.state.frameworks.get(id.value) : undefined;
  if (framework === undefined) {
    return { code: "FRAMEWORK_UNKNOWN", message: "No framework found with specified ID" };
  }
  removeFramework(turn, framework, "operator");
  return undefined;
}
