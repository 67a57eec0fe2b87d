import { parseMasterEnvelope } from "@tutti/agent";
import { httpRequest, openRecordStream } from "@tutti/http";
import type { Resource } from "@tutti/mesos-v1";
import {
  nodePaths,
  nodeSessionHeader,
  type AgentEnvelope,
  type MasterEnvelope,
} from "@tutti/node-v1";

/** What all agents of a benchmark have alike. */
export interface SocketAgentSite {
  readonly masterUrl: string;
  readonly secret: string;
  readonly signal: AbortSignal;
  readonly resources: readonly Resource[];
  /** An acknowledgement of a TASK_RUNNING came. */
  readonly onAcknowledged: () => void;
}

/** An agent of no substance with a real stream and real posts: it runs whatever it is told to, at once. */
export class SocketAgent {
  readonly #site: SocketAgentSite;
  readonly #address: string;
  #sessionId = "";
  #seq = 0;
  #taken = 0;
  #statuses = 0;
  #outbox: AgentEnvelope[] = [];
  #isPosting = false;
  /** Why it gave up. */
  failure: unknown;

  constructor(site: SocketAgentSite, address: string) {
    this.#site = site;
    this.#address = address;
  }

  /** Resolves when the master has welcomed it; goes on reading until the signal. */
  register(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#read(resolve).catch((error: unknown) => {
        if (!this.#site.signal.aborted) this.failure = error;
        reject(error as Error);
      });
    });
  }

  async #read(welcomed: () => void): Promise<void> {
    const { masterUrl, secret, signal, resources } = this.#site;
    const stream = await openRecordStream({
      method: "POST",
      url: `${masterUrl}${nodePaths.stream}`,
      headers: { authorization: `Bearer ${secret}`, "content-type": "application/json" },
      body: JSON.stringify({
        versionMin: 1,
        versionMax: 1,
        capabilities: ["MULTI_ROLE", "HIERARCHICAL_ROLE", "RESERVATION_REFINEMENT"],
        bootId: `boot-${this.#address}`,
        agent: { hostname: this.#address, port: 5051, resources },
        release: "0.1.0",
        epochSeen: 0,
        tasks: [],
        frameworks: [],
      }),
      signal,
      timeoutMs: 60_000,
      idleTimeoutMs: 0,
      recordBytesMax: 1 << 24,
    });
    if (stream.status !== 200) throw new Error(await stream.text());
    for await (const record of stream.records()) {
      const envelope = parseMasterEnvelope(record);
      if (!envelope.ok) throw new Error(envelope.error.message);
      this.#take(envelope.value, welcomed);
    }
  }

  #take({ seq, message }: MasterEnvelope, welcomed: () => void): void {
    this.#taken = seq;
    if (message.type === "welcome") {
      this.#sessionId = message.sessionId;
      welcomed();
    } else if (message.type === "ping") this.#say({ type: "pong" });
    else if (message.type === "acknowledgeStatus") this.#site.onAcknowledged();
    else if (message.type === "launchTask") {
      this.#statuses += 1;
      this.#say({
        type: "statusUpdate",
        frameworkId: message.framework.id?.value ?? "",
        status: {
          task_id: message.task.task_id,
          state: "TASK_RUNNING",
          source: "SOURCE_EXECUTOR",
          agent_id: message.task.agent_id,
          timestamp: Date.now() / 1000,
          uuid: Buffer.from(
            `${this.#address}/${String(this.#statuses)}`.padEnd(16, "-").slice(-16),
          ).toString("base64"),
        },
        latestState: "TASK_RUNNING",
      });
    }
  }

  #say(message: AgentEnvelope["message"]): void {
    this.#seq += 1;
    this.#outbox.push({ seq: this.#seq, message });
    if (this.#isPosting) return;
    this.#isPosting = true;
    void this.#post().catch((error: unknown) => {
      if (!this.#site.signal.aborted) this.failure = error;
    });
  }

  /** One post at a time, with all there is to say. */
  async #post(): Promise<void> {
    while (this.#outbox.length > 0) {
      const messages = this.#outbox;
      this.#outbox = [];
      const response = await httpRequest({
        method: "POST",
        url: `${this.#site.masterUrl}${nodePaths.messages}`,
        headers: {
          authorization: `Bearer ${this.#site.secret}`,
          "content-type": "application/json",
          [nodeSessionHeader]: this.#sessionId,
        },
        body: JSON.stringify({ acknowledged: this.#taken, messages }),
        timeoutMs: 60_000,
      });
      await response.text();
      if (response.status !== 202)
        throw new Error(`a post was answered ${String(response.status)}`);
    }
    this.#isPosting = false;
  }
}
