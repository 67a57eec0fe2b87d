import type { FrameworkInfo, TaskStatus } from "@tutti/mesos-v1";
import type {
  AgentHello,
  AgentMessage,
  AgentPost,
  MasterEnvelope,
  MasterMessage,
} from "@tutti/node-v1";

/** What a scheduler was told about one task: updates with distinct uuids, in the order of arrival. */
export interface Told {
  readonly uuid: string;
  readonly status: TaskStatus;
}

/** The other side of a session, as a correct master behaves: at least once, in order, by number. */
export class SimulatedMaster {
  epoch = 1;
  /** Acknowledges every update at once; a test may turn it off. */
  acknowledges = true;
  readonly hellos: AgentHello[] = [];
  readonly received: AgentMessage[] = [];
  readonly told = new Map<string, Told[]>();
  /** Orders that no agent has acknowledged: sent again in the next session. */
  #unacknowledged: MasterMessage[] = [];
  #sessions = 0;
  #session:
    | { readonly id: string; readonly dial: number; sent: MasterMessage[]; handled: number }
    | undefined;
  readonly #send: (dial: number, envelope: MasterEnvelope) => void;
  readonly #agentId: string;

  constructor(agentId: string, send: (dial: number, envelope: MasterEnvelope) => void) {
    this.#agentId = agentId;
    this.#send = send;
  }

  /** The stream is open. */
  open(dial: number, hello: AgentHello): void {
    this.hellos.push(hello);
    this.#sessions += 1;
    this.#session = { id: `session-${this.#sessions}`, dial, sent: [], handled: 0 };
    this.#push({
      type: "welcome",
      version: 1,
      sessionId: this.#session.id,
      agentId: this.#agentId,
      clusterId: "c1",
      pingIntervalMs: 15_000,
      pingTimeoutMs: 75_000,
    });
    for (const message of this.#unacknowledged) this.#push(message);
  }

  /** The stream is gone. */
  close(): void {
    this.#session = undefined;
  }

  /** An order, kept until the agent acknowledges it. */
  order(message: MasterMessage): void {
    this.#unacknowledged.push(message);
    this.#push(message);
  }

  ping(): void {
    this.#push({ type: "ping" });
  }

  launch(
    framework: FrameworkInfo,
    task: Extract<MasterMessage, { type: "launchTask" }>["task"],
  ): void {
    this.order({ type: "launchTask", framework, task, principal: "test" });
  }

  /** A post; answers its status. */
  post(sessionId: string, body: AgentPost): number {
    const session = this.#session;
    if (session?.id !== sessionId) return 410;
    const acknowledged = new Set(session.sent.slice(0, body.acknowledged));
    this.#unacknowledged = this.#unacknowledged.filter((message) => !acknowledged.has(message));
    for (const { seq, message } of body.messages) {
      if (seq <= session.handled) continue;
      session.handled = seq;
      this.#handle(message);
    }
    return 202;
  }

  /** The states a scheduler saw of a task. */
  statesOf(taskId: string): readonly string[] {
    return (this.told.get(taskId) ?? []).map(({ status }) => status.state);
  }

  /** Acknowledges the newest update of each task. */
  acknowledgeAll(): void {
    for (const [taskId, told] of this.told) {
      const last = told.at(-1);
      if (last !== undefined) this.#acknowledge("f1", taskId, last.uuid);
    }
  }

  #handle(message: AgentMessage): void {
    this.received.push(message);
    if (message.type !== "statusUpdate") return;
    const { status, frameworkId } = message;
    const taskId = status.task_id.value;
    const uuid = status.uuid ?? "";
    const told = this.told.get(taskId) ?? [];
    if (!told.some((known) => known.uuid === uuid)) {
      this.told.set(taskId, [...told, { uuid, status }]);
    }
    if (this.acknowledges) this.#acknowledge(frameworkId, taskId, uuid);
  }

  #acknowledge(frameworkId: string, taskId: string, uuid: string): void {
    this.#push({ type: "acknowledgeStatus", frameworkId, taskId, uuid });
  }

  #push(message: MasterMessage): void {
    if (this.#session === undefined) return;
    this.#session.sent.push(message);
    const seq = this.#session.sent.length;
    this.#send(this.#session.dial, { epoch: this.epoch, seq, message });
  }
}
