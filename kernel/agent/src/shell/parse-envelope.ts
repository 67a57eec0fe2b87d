import { ok, refuse } from "@tutti/base";
import type { Result } from "@tutti/base";
import { messages, parseJson } from "@tutti/mesos-v1";
import type { MasterEnvelope, MasterMessage } from "@tutti/node-v1";

type Draft = Readonly<Record<string, unknown>>;

/**
 * Reads one record of the master's stream. A message of a kind that this release does not know is a
 * sign of life and nothing more: a newer master may send some. Refused is what is not this language.
 */
export function parseMasterEnvelope(record: Uint8Array): Result<MasterEnvelope> {
  const draft = objectOf(record);
  if (draft === undefined) return bad("a record is no JSON object");
  const { epoch, seq, message } = draft;
  if (!isCount(epoch) || !isCount(seq)) return bad("'epoch' and 'seq' are whole numbers");
  if (typeof message !== "object" || message === null) return bad("'message' is an object");
  const parsed = parseMessage(message as Draft);
  return parsed.ok ? ok({ epoch, seq, message: parsed.value }) : parsed;
}

function parseMessage(draft: Draft): Result<MasterMessage> {
  switch (draft["type"]) {
    case "welcome":
      return parseWelcome(draft);
    case "refused":
      return parseRefused(draft);
    case "launchTask":
      return parseLaunch(draft);
    case "killTask":
      return parseKill(draft);
    case "drainAgent":
      return parseDrain(draft);
    case "acknowledgeStatus": {
      const { frameworkId, taskId, uuid } = draft;
      return isText(frameworkId) && isText(taskId) && isText(uuid)
        ? ok({ type: "acknowledgeStatus", frameworkId, taskId, uuid })
        : bad("an acknowledgement lacks a text");
    }
    case "shutdownFramework": {
      const { frameworkId } = draft;
      return isText(frameworkId)
        ? ok({ type: "shutdownFramework", frameworkId })
        : bad("'frameworkId' is a text");
    }
    case "updateFramework": {
      const framework = parseJson(messages.FrameworkInfo, draft["framework"]);
      return framework.ok ? ok({ type: "updateFramework", framework: framework.value }) : framework;
    }
    default:
      return isText(draft["type"]) ? ok({ type: "ping" }) : bad("a message has a type");
  }
}

function parseWelcome(draft: Draft): Result<MasterMessage> {
  const { version, sessionId, agentId, clusterId, pingIntervalMs, pingTimeoutMs } = draft;
  if (!isText(sessionId) || !isText(agentId) || !isText(clusterId)) {
    return bad("a welcome lacks an id");
  }
  if (!isCount(version) || !isCount(pingIntervalMs) || !isCount(pingTimeoutMs)) {
    return bad("a welcome lacks a number");
  }
  return ok({
    type: "welcome",
    version,
    sessionId,
    agentId,
    clusterId,
    pingIntervalMs,
    pingTimeoutMs,
  });
}

function parseRefused({ code, reason, final }: Draft): Result<MasterMessage> {
  return isText(code) && isText(reason) && typeof final === "boolean"
    ? ok({ type: "refused", code, reason, final })
    : bad("a refusal lacks a part");
}

function parseLaunch({ principal, framework, task }: Draft): Result<MasterMessage> {
  if (!isText(principal)) return bad("'principal' is a text");
  const info = parseJson(messages.FrameworkInfo, framework);
  if (!info.ok) return info;
  const launched = parseJson(messages.TaskInfo, task);
  if (!launched.ok) return launched;
  return ok({ type: "launchTask", principal, framework: info.value, task: launched.value });
}

function parseKill({ frameworkId, taskId, killPolicy }: Draft): Result<MasterMessage> {
  if (!isText(frameworkId) || !isText(taskId)) return bad("a kill lacks an id");
  if (killPolicy === undefined) return ok({ type: "killTask", frameworkId, taskId });
  const policy = parseJson(messages.KillPolicy, killPolicy);
  return policy.ok
    ? ok({ type: "killTask", frameworkId, taskId, killPolicy: policy.value })
    : policy;
}

function parseDrain({ maxGraceMs, markGone }: Draft): Result<MasterMessage> {
  if (typeof markGone !== "boolean") return bad("'markGone' is true or false");
  if (maxGraceMs === undefined) return ok({ type: "drainAgent", markGone });
  return isCount(maxGraceMs)
    ? ok({ type: "drainAgent", markGone, maxGraceMs })
    : bad("'maxGraceMs' is a whole number");
}

function objectOf(record: Uint8Array): Draft | undefined {
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(record));
    return typeof value === "object" && value !== null ? (value as Draft) : undefined;
  } catch {
    return undefined;
  }
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function bad<T>(message: string): Result<T> {
  return refuse("INVALID_MESSAGE", message);
}
