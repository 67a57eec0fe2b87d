import { assert } from "@tutti/base";
import { messages, parseJson, toJson } from "@tutti/mesos-v1";
import type {
  FrameworkInfo,
  MasterEvent,
  MessageDescriptor,
  SchedulerCall,
  SchedulerEvent,
} from "@tutti/mesos-v1";
import type {
  AgentEnvelope,
  AgentHello,
  AgentPost,
  MasterEnvelope,
  MasterMessage,
} from "@tutti/node-v1";
import type { SeededRandom } from "@tutti/testkit";

/**
 * Sends a share of all messages through their real JSON, so that what a codec loses or changes shows;
 * the others go as values, which is faster. Which are chosen changes nothing else of a simulation: for
 * that, what is said of a framework always goes through JSON, because it is kept and compared.
 */
export class WireCodec {
  readonly #share: number;
  readonly #random: SeededRandom;
  readonly #frameworks = new WeakMap<FrameworkInfo, FrameworkInfo>();
  /** Messages that went through JSON. */
  encoded = 0;

  constructor(share: number, random: SeededRandom) {
    assert(share >= 0 && share <= 1, "a share is between 0 and 1");
    this.#share = share;
    this.#random = random;
  }

  schedulerCall(call: SchedulerCall): SchedulerCall {
    const isChosen = this.#isChosen() || call.type === "SUBSCRIBE";
    return isChosen ? throughJson(messages.SchedulerCall, call) : call;
  }

  schedulerEvent(event: SchedulerEvent): SchedulerEvent {
    return this.#isChosen() ? throughJson(messages.SchedulerEvent, event) : event;
  }

  /** As JSON says it, or as it is. */
  operatorEvent(event: MasterEvent): unknown {
    return this.#isChosen() ? plainJson(messages.MasterEvent, event) : event;
  }

  agentHello(hello: AgentHello): AgentHello {
    if (!this.#isChosen()) return hello;
    const draft = throughText(hello);
    return {
      ...draft,
      agent: fromJson(messages.AgentInfo, draft.agent),
      tasks: draft.tasks.map((task) => fromJson(messages.Task, task)),
      frameworks: draft.frameworks.map((info) => fromJson(messages.FrameworkInfo, info)),
    };
  }

  agentPost(post: AgentPost): AgentPost {
    if (!this.#isChosen()) return post;
    const draft = throughText(post);
    return { ...draft, messages: draft.messages.map(readAgentEnvelope) };
  }

  masterEnvelope(envelope: MasterEnvelope): MasterEnvelope {
    const { message } = envelope;
    if (this.#isChosen()) return { ...envelope, message: throughNode(message) };
    if (message.type !== "launchTask" && message.type !== "updateFramework") return envelope;
    return { ...envelope, message: { ...message, framework: this.#canonical(message.framework) } };
  }

  /** An agent compares what it is told of a framework with what it knows: the same both ways. */
  #canonical(info: FrameworkInfo): FrameworkInfo {
    const known = this.#frameworks.get(info);
    if (known !== undefined) return known;
    const made = plainJson(messages.FrameworkInfo, info);
    this.#frameworks.set(info, made);
    return made;
  }

  /** A document of an HTTP API. */
  document(value: unknown): unknown {
    return this.#isChosen() ? throughText(value) : value;
  }

  #isChosen(): boolean {
    if (this.#share === 0) return false;
    if (this.#share < 1 && !this.#random.chance(this.#share)) return false;
    this.encoded += 1;
    return true;
  }
}

function readAgentEnvelope(draft: AgentEnvelope): AgentEnvelope {
  const { seq, message } = draft;
  if (message.type === "pong") return draft;
  return { seq, message: { ...message, status: fromJson(messages.TaskStatus, message.status) } };
}

/** As the master's door writes it and the agent's reads it: Mesos's parts in Mesos's JSON. */
function throughNode(message: MasterMessage): MasterMessage {
  switch (message.type) {
    case "launchTask": {
      const { framework, task, ...rest } = message;
      return {
        ...throughText(rest),
        framework: plainJson(messages.FrameworkInfo, framework),
        task: plainJson(messages.TaskInfo, task),
      };
    }
    case "updateFramework":
      return { ...message, framework: plainJson(messages.FrameworkInfo, message.framework) };
    case "killTask": {
      const { killPolicy, ...rest } = message;
      if (killPolicy === undefined) return throughText(rest);
      return { ...throughText(rest), killPolicy: plainJson(messages.KillPolicy, killPolicy) };
    }
    case "welcome":
    case "refused":
    case "ping":
    case "drainAgent":
    case "acknowledgeStatus":
    case "shutdownFramework":
      return throughText(message);
  }
}

function throughJson<T>(descriptor: MessageDescriptor<T>, message: T): T {
  return fromJson(descriptor, toJson(descriptor, message));
}

/** Written as Mesos writes it, read as any JSON. */
function plainJson<T>(descriptor: MessageDescriptor<T>, message: T): T {
  return JSON.parse(toJson(descriptor, message)) as T;
}

function fromJson<T>(descriptor: MessageDescriptor<T>, text: unknown): T {
  const parsed = parseJson(descriptor, text);
  assert(parsed.ok, parsed.ok ? "" : `a message cannot be read: ${parsed.error.message}`);
  return parsed.value;
}

function throughText<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}
