// A master on a free port, with agents and schedulers made by hand that speak to it over HTTP.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { httpRequest, openRecordStream } from "@tutti/http";
import type { ClientResponse, RecordStream } from "@tutti/http";
import { createCancellation } from "@tutti/base";
import type { FrameworkInfo, Offer, SchedulerCall, SchedulerEvent } from "@tutti/mesos-v1";
import { nodePaths, nodeSessionHeader } from "@tutti/node-v1";
import type { AgentHello, AgentMessage, MasterEnvelope, MasterMessage } from "@tutti/node-v1";
import { startMaster } from "@tutti/master";
import type { MasterOptions, RunningMaster } from "@tutti/master";

// Daemons in this process tell only what is wrong: tests show the rest.
process.env["TUTTI_LOG"] ??= "error";

/** How long anything in these tests may take. */
const patienceMs = 60_000;

/** A running master and what hangs on it. */
export interface World {
  readonly master: RunningMaster;
  readonly secret: string;
  readonly stateDir: string;
  send(request: RawRequest): Promise<RawResponse>;
  json(path: string): Promise<unknown>;
  operator(call: object): Promise<RawResponse>;
  /** Stops the master and removes its files. */
  end(): Promise<void>;
}

/** A request as it goes over the wire. */
export interface RawRequest {
  readonly method: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  /** Sends the secret. Default: yes. */
  readonly trusted?: boolean;
}

/** An answer that was read as a whole. */
export interface RawResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

/** Starts a master on a free port with a folder of its own. */
export async function startWorld(options: Partial<MasterOptions> = {}): Promise<World> {
  const stateDir = options.stateDir ?? (await mkdtemp(join(tmpdir(), "tutti-master-")));
  const secret = "a-secret";
  const master = await startMaster({
    ip: "127.0.0.1",
    port: 0,
    clusterName: "golden",
    stateDir,
    secret,
    open: false,
    log: showBug,
    ...options,
  });
  return worldOf(master, secret, stateDir);
}

/** Calls that raise the level of logging are tried too: of that only bugs are shown. */
function showBug(line: string): void {
  if (line.includes('"level":"error"')) process.stderr.write(line);
}

/** What hangs on a master that runs, wherever it does. */
export function worldOf(master: RunningMaster, secret: string, stateDir: string): World {
  const send = (request: RawRequest): Promise<RawResponse> => sendTo(master.url, secret, request);
  return {
    master,
    secret,
    stateDir,
    send,
    json: async (path) => JSON.parse((await send({ method: "GET", path })).text) as unknown,
    operator: (call) =>
      send({
        method: "POST",
        path: "/api/v1",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify(call),
      }),
    async end() {
      await master.stop();
      await rm(stateDir, { recursive: true, force: true });
    },
  };
}

/** One request, with the secret unless `trusted` is false. */
export async function sendTo(
  url: string,
  secret: string,
  request: RawRequest,
): Promise<RawResponse> {
  const response = await httpRequest({
    method: request.method,
    url: url + request.path,
    headers: {
      ...(request.trusted === false ? {} : { Authorization: `Bearer ${secret}` }),
      ...request.headers,
    },
    ...(request.body === undefined ? {} : { body: request.body }),
    timeoutMs: patienceMs,
  });
  return { status: response.status, headers: response.headers, text: await response.text() };
}

/** Waits until `found` finds something, by asking again and again. */
export async function eventually<T>(
  what: string,
  found: () => T | undefined | Promise<T | undefined>,
  withinMs = patienceMs,
): Promise<T> {
  const untilMs = performance.now() + withinMs;
  while (performance.now() < untilMs) {
    const value = await found();
    if (value !== undefined) return value;
    await new Promise((resolve) => {
      setTimeout(resolve, 5);
    });
  }
  throw new Error(`did not come about in time: ${what}`);
}

/** Reads a stream of JSON records into a list, until it ends or is dropped. */
export class Inbox<T> {
  readonly items: T[] = [];
  isOver = false;
  readonly response: RecordStream;
  readonly #drop: () => void;

  constructor(response: RecordStream, drop: () => void) {
    this.response = response;
    this.#drop = drop;
    void this.#read();
  }

  drop(): void {
    this.#drop();
  }

  async #read(): Promise<void> {
    try {
      for await (const record of this.response.records()) {
        this.items.push(JSON.parse(Buffer.from(record).toString("utf8")) as T);
      }
    } catch {
      // Dropped: by the test, or with the master.
    }
    this.isOver = true;
  }
}

/** Opens a stream of JSON records. */
export async function openInbox<T>(world: World, path: string, body: string): Promise<Inbox<T>> {
  const source = createCancellation();
  const response = await openRecordStream({
    method: "POST",
    url: world.master.url + path,
    headers: {
      "Content-Type": "application/json",
      Accept: "application/json",
      Authorization: `Bearer ${world.secret}`,
    },
    body,
    signal: source.cancellation,
    timeoutMs: patienceMs,
    idleTimeoutMs: 0,
  });
  return new Inbox<T>(response, () => source.cancel());
}

/** A scheduler. */
export class TestScheduler {
  readonly inbox: Inbox<SchedulerEvent>;
  readonly #named = new Set<string>();
  readonly #world: World;

  private constructor(world: World, inbox: Inbox<SchedulerEvent>) {
    this.#world = world;
    this.inbox = inbox;
  }

  /** Subscribes with this call. */
  static async open(world: World, call: SchedulerCall): Promise<TestScheduler> {
    return new TestScheduler(
      world,
      await openInbox(world, "/api/v1/scheduler", JSON.stringify(call)),
    );
  }

  /** Subscribes as a framework that can do most things, and is what `info` says. */
  static subscribe(world: World, info: Partial<FrameworkInfo> = {}): Promise<TestScheduler> {
    return TestScheduler.open(world, {
      type: "SUBSCRIBE",
      ...(info.id === undefined ? {} : { framework_id: info.id }),
      subscribe: {
        framework_info: {
          user: "root",
          name: "reads",
          roles: ["*"],
          checkpoint: true,
          failover_timeout: 60,
          capabilities: [
            { type: "MULTI_ROLE" },
            { type: "TASK_KILLING_STATE" },
            { type: "PARTITION_AWARE" },
            { type: "RESERVATION_REFINEMENT" },
          ],
          ...info,
        },
      },
    });
  }

  get response(): ClientResponse {
    return this.inbox.response;
  }

  get events(): readonly SchedulerEvent[] {
    return this.inbox.items;
  }

  get streamId(): string {
    return this.response.headers["mesos-stream-id"] ?? "";
  }

  /** The framework's id, when it has been told. */
  get knownId(): string | undefined {
    return this.events[0]?.subscribed?.framework_id.value;
  }

  async frameworkId(): Promise<string> {
    const subscribed = await this.event((event) => event.subscribed);
    return subscribed.framework_id.value;
  }

  /** The first event of a kind, now or soon. */
  event<T>(pick: (event: SchedulerEvent) => T | undefined): Promise<T> {
    return eventually("a scheduler event", () => {
      for (const event of this.events) {
        const picked = pick(event);
        if (picked !== undefined) return picked;
      }
      return undefined;
    });
  }

  /** Offers that were neither rescinded nor named in a call. */
  openOffers(): readonly Offer[] {
    const rescinded = new Set(this.events.map(({ rescind }) => rescind?.offer_id.value));
    return this.events
      .flatMap(({ offers }) => offers?.offers ?? [])
      .filter(({ id }) => !this.#named.has(id.value) && !rescinded.has(id.value));
  }

  async call(call: SchedulerCall): Promise<RawResponse> {
    for (const { value } of (call.accept ?? call.decline)?.offer_ids ?? []) this.#named.add(value);
    const body = { framework_id: { value: await this.frameworkId() }, ...call };
    return this.#world.send({
      method: "POST",
      path: "/api/v1/scheduler",
      headers: { "Content-Type": "application/json", "Mesos-Stream-Id": this.streamId },
      body: JSON.stringify(body),
    });
  }

  leave(): void {
    this.inbox.drop();
  }
}

/** An agent. */
export class TestAgent {
  readonly inbox: Inbox<MasterEnvelope>;
  readonly #world: World;
  #seq = 0;

  private constructor(world: World, inbox: Inbox<MasterEnvelope>) {
    this.#world = world;
    this.inbox = inbox;
  }

  static async dial(world: World, hello: Partial<AgentHello> = {}): Promise<TestAgent> {
    const body: AgentHello = {
      versionMin: 1,
      versionMax: 1,
      capabilities: ["MULTI_ROLE", "HIERARCHICAL_ROLE", "RESERVATION_REFINEMENT"],
      bootId: "boot",
      agent: {
        hostname: "127.0.0.1",
        port: 5051,
        resources: [
          { name: "cpus", type: "SCALAR", scalar: { value: 8 } },
          { name: "mem", type: "SCALAR", scalar: { value: 8192 } },
          { name: "disk", type: "SCALAR", scalar: { value: 20_000 } },
          { name: "ports", type: "RANGES", ranges: { range: [{ begin: 31_000, end: 32_000 }] } },
        ],
        attributes: [
          { name: "rack", type: "TEXT", text: { value: "r1" } },
          { name: "zone", type: "TEXT", text: { value: "z1" } },
        ],
      },
      release: "0.1.0",
      epochSeen: 0,
      tasks: [],
      frameworks: [],
      ...hello,
    };
    const inbox = await openInbox<MasterEnvelope>(world, nodePaths.stream, JSON.stringify(body));
    const agent = new TestAgent(world, inbox);
    await agent.message("welcome");
    return agent;
  }

  get messages(): readonly MasterMessage[] {
    return this.inbox.items.map((envelope) => envelope.message);
  }

  /** The first message of a kind, now or soon. */
  message<Type extends MasterMessage["type"]>(
    type: Type,
    isWanted: (message: Extract<MasterMessage, { readonly type: Type }>) => boolean = () => true,
  ): Promise<Extract<MasterMessage, { readonly type: Type }>> {
    return eventually(`the message ${type}`, () => {
      for (const message of this.messages) {
        const typed = message as Extract<MasterMessage, { readonly type: Type }>;
        if (message.type === type && isWanted(typed)) return typed;
      }
      return undefined;
    });
  }

  async id(): Promise<string> {
    return (await this.message("welcome")).agentId;
  }

  /** The agent's id, when it has been told. */
  get knownId(): string | undefined {
    return this.messages.find((message) => message.type === "welcome")?.agentId;
  }

  async post(...messages: readonly AgentMessage[]): Promise<RawResponse> {
    const { sessionId } = await this.message("welcome");
    const envelopes = messages.map((message) => ({ seq: ++this.#seq, message }));
    return this.#world.send({
      method: "POST",
      path: nodePaths.messages,
      headers: { "Content-Type": "application/json", [nodeSessionHeader]: sessionId },
      body: JSON.stringify({ acknowledged: this.inbox.items.length, messages: envelopes }),
    });
  }

  hangUp(): void {
    this.inbox.drop();
  }
}
