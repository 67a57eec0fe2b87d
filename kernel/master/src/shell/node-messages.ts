import { ok, refuse } from "@tutti/base";
import type { Result } from "@tutti/base";
import { messages, parseJson, toJson } from "@tutti/mesos-v1";
import type { FrameworkInfo, MessageDescriptor, Task } from "@tutti/mesos-v1";
import type {
  AgentEnvelope,
  AgentHello,
  AgentMessage,
  AgentPost,
  MasterEnvelope,
  MasterMessage,
} from "@tutti/node-v1";

type Draft = Readonly<Record<string, unknown>>;

/** A message for an agent as JSON; Mesos's parts of it in Mesos's JSON. */
export function formatMasterEnvelope({ epoch, seq, message }: MasterEnvelope): string {
  return `{"epoch":${epoch},"seq":${seq},"message":${formatMessage(message)}}`;
}

function formatMessage(message: MasterMessage): string {
  switch (message.type) {
    case "launchTask": {
      const { type, principal, framework, task } = message;
      const head = JSON.stringify({ type, principal }).slice(0, -1);
      const info = formatFramework(framework);
      return `${head},"framework":${info},"task":${toJson(messages.TaskInfo, task)}}`;
    }
    case "updateFramework":
      return `{"type":"updateFramework","framework":${toJson(messages.FrameworkInfo, message.framework)}}`;
    case "killTask": {
      const { killPolicy, ...rest } = message;
      if (killPolicy === undefined) return JSON.stringify(rest);
      return `${JSON.stringify(rest).slice(0, -1)},"killPolicy":${toJson(messages.KillPolicy, killPolicy)}}`;
    }
    case "welcome":
    case "refused":
    case "ping":
    case "drainAgent":
    case "acknowledgeStatus":
    case "shutdownFramework":
      return JSON.stringify(message);
  }
}

let lastFramework: FrameworkInfo | undefined;
let lastFrameworkText = "";

/** Launches of a framework come one after another: its text is made once for all of them. */
function formatFramework(framework: FrameworkInfo): string {
  if (framework !== lastFramework) {
    lastFrameworkText = toJson(messages.FrameworkInfo, framework);
    lastFramework = framework;
  }
  return lastFrameworkText;
}

/** Reads the body of an agent's hello. */
export function parseAgentHello(text: string): Result<AgentHello> {
  const draft = objectOf(text);
  if (draft === undefined) return bad("the body is no JSON object");
  const { versionMin, versionMax, bootId, release, epochSeen } = draft;
  if (!isCount(versionMin) || !isCount(versionMax) || !isCount(epochSeen)) {
    return bad("'versionMin', 'versionMax' and 'epochSeen' are whole numbers");
  }
  if (typeof bootId !== "string" || typeof release !== "string") {
    return bad("'bootId' and 'release' are texts");
  }
  const capabilities = draft["capabilities"] ?? [];
  if (!Array.isArray(capabilities) || !capabilities.every((name) => typeof name === "string")) {
    return bad("'capabilities' is a list of texts");
  }
  const agent = parseJson(messages.AgentInfo, draft["agent"]);
  if (!agent.ok) return bad(`'agent': ${agent.error.message}`);
  const tasks = listOf<Task>(messages.Task, draft["tasks"]);
  if (!tasks.ok) return bad(`'tasks': ${tasks.error.message}`);
  const frameworks = listOf<FrameworkInfo>(messages.FrameworkInfo, draft["frameworks"]);
  if (!frameworks.ok) return bad(`'frameworks': ${frameworks.error.message}`);
  return ok({
    versionMin,
    versionMax,
    capabilities: capabilities as readonly string[],
    bootId,
    agent: agent.value,
    release,
    epochSeen,
    tasks: tasks.value,
    frameworks: frameworks.value,
  });
}

/** Reads the body of an agent's post. */
export function parseAgentPost(text: string): Result<AgentPost> {
  const draft = objectOf(text);
  if (draft === undefined) return bad("the body is no JSON object");
  const { acknowledged, messages: list } = draft;
  if (!isCount(acknowledged)) return bad("'acknowledged' is a whole number");
  if (!Array.isArray(list)) return bad("'messages' is a list");
  const envelopes: AgentEnvelope[] = [];
  for (const item of list as readonly unknown[]) {
    const { seq, message } = (item ?? {}) as Draft;
    if (!isCount(seq)) return bad("'seq' is a whole number");
    const parsed = parseMessage((message ?? {}) as Draft);
    if (!parsed.ok) return parsed;
    if (parsed.value !== undefined) envelopes.push({ seq, message: parsed.value });
  }
  return ok({ acknowledged, messages: envelopes });
}

/** A message of a kind that this release does not know is passed over: a newer agent may send some. */
function parseMessage(draft: Draft): Result<AgentMessage | undefined> {
  if (draft["type"] === "pong") return ok({ type: "pong" });
  if (draft["type"] !== "statusUpdate") return ok(undefined);
  const { frameworkId, latestState } = draft;
  if (typeof frameworkId !== "string") return bad("'frameworkId' is a text");
  const status = parseJson(messages.TaskStatus, draft["status"]);
  if (!status.ok) return bad(`'status': ${status.error.message}`);
  const latest = parseJson(messages.TaskStatus, { task_id: { value: "-" }, state: latestState });
  if (!latest.ok) return bad(`'latestState': ${latest.error.message}`);
  return ok({
    type: "statusUpdate",
    frameworkId,
    status: status.value,
    latestState: latest.value.state,
  });
}

function objectOf(text: string): Draft | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Draft)
      : undefined;
  } catch {
    return undefined;
  }
}

function listOf<T>(descriptor: MessageDescriptor<T>, value: unknown): Result<readonly T[]> {
  if (value === undefined) return ok([]);
  if (!Array.isArray(value)) return bad("expecting a list");
  const items: T[] = [];
  for (const item of value as readonly unknown[]) {
    const parsed = parseJson(descriptor, item);
    if (!parsed.ok) return parsed;
    items.push(parsed.value);
  }
  return ok(items);
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function bad<T>(message: string): Result<T> {
  return refuse("INVALID_MESSAGE", message);
}
