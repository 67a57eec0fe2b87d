import { parseMasterId, known, parseRoleName } from "@tutti/ids";
import { Master, defaultDurations } from "@tutti/master/core";
import type { MasterEffect, MasterEvent, Principal } from "@tutti/master/core";
import type { Offer, Resource, SchedulerCall, TaskInfo, TaskStatus } from "@tutti/mesos-v1";
import type { AgentEnvelope, MasterMessage } from "@tutti/node-v1";
import { noWire, type CoreWire } from "./core-wire.ts";

const trusted: Principal = { type: "trusted", name: "cluster" };
const role = known(parseRoleName("bench"));
const stepMs = 1;

/** An agent of no substance: it runs whatever it is told to, at once. */
interface ThinAgent {
  readonly connectionId: string;
  sessionId: string;
  seq: number;
  /** Highest number of the master's messages that it has taken. */
  taken: number;
  /** What it has to say. */
  outbox: AgentEnvelope[];
}

/** What becomes of offers: the tasks to launch with one, none to decline it for good. */
export type OfferAnswer = (offer: Offer) => readonly TaskInfo[];

/**
 * The kernel master's core with agents and one scheduler around it, all in this process and without any
 * codec: what the core does, and little else, costs time. Agents answer each launch with TASK_RUNNING, the
 * scheduler acknowledges each update. The clocks are simulated and stand still while there is work.
 */
export class CoreWorld {
  readonly master: Master;
  readonly #agents = new Map<string, ThinAgent>();
  #waiting: MasterEvent[] = [];
  #talkative: ThinAgent[] = [];
  readonly #isWire: boolean;
  readonly #wire: CoreWire;
  #answer: OfferAnswer = () => [];
  #streamId = "";
  #frameworkId = "";
  #requests = 0;
  #uuids = 0;
  #monoMs = 0;
  #wakeMs: number | undefined;
  /** Acknowledgements of TASK_RUNNING that came to agents. */
  acknowledged = 0;

  /**
   * With `isWire` all that comes to the master goes through JSON, so that nothing is shared; `wire` says what
   * becomes of each message on its way.
   */
  constructor({
    isWire = false,
    wire = noWire,
  }: { readonly isWire?: boolean; readonly wire?: CoreWire } = {}) {
    this.#isWire = isWire;
    this.#wire = wire;
    this.master = new Master({
      masterId: known(parseMasterId("8e4b6f3e-1d0c-4a0e-9d6b-52a7f6f4d001")),
      epoch: 1,
      clusterId: "bench",
      clusterName: "bench",
      ip: "10.0.0.1",
      port: 5050,
      hostname: "10.0.0.1",
      startedMs: 0,
      electedMs: 0,
      ...defaultDurations,
    });
    this.#perform(this.master.recover({ agents: [], weights: [], quotas: [] }, this.#env()));
  }

  /** Makes agents with 64 cpus, 128 GB and ten thousand ports each; nobody knows of them yet. */
  makeAgents(count: number): void {
    for (let i = 0; i < count; i += 1) {
      const connectionId = `c${String(this.#agents.size)}`;
      this.#agents.set(connectionId, { connectionId, sessionId: "", seq: 0, taken: 0, outbox: [] });
    }
  }

  /** Every agent made registers. */
  register(): void {
    let number = 0;
    for (const { connectionId } of this.#agents.values()) {
      const address = `10.${String(1 + (number >> 16))}.${String((number >> 8) & 255)}.${String(number & 255)}`;
      number += 1;
      this.#step({
        type: "agentHello",
        connectionId,
        principal: trusted,
        hello: {
          versionMin: 1,
          versionMax: 1,
          capabilities: ["MULTI_ROLE", "HIERARCHICAL_ROLE", "RESERVATION_REFINEMENT"],
          bootId: `boot-${String(number)}`,
          agent: { hostname: address, port: 5051, resources: agentResources },
          release: "0.1.0",
          epochSeen: 0,
          tasks: [],
          frameworks: [],
        },
      });
    }
    this.run(() => false);
  }

  /** Subscribes the scheduler, which answers offers by `answer` from now on. */
  subscribe(answer: OfferAnswer): void {
    this.#answer = answer;
    this.#step({
      type: "schedulerCall",
      requestId: "subscribe",
      principal: trusted,
      remoteAddress: "10.0.0.9:40000",
      call: {
        type: "SUBSCRIBE",
        subscribe: {
          framework_info: {
            user: "root",
            name: "bench",
            roles: [role],
            capabilities: [
              { type: "MULTI_ROLE" },
              { type: "PARTITION_AWARE" },
              { type: "RESERVATION_REFINEMENT" },
            ],
          },
        },
      },
    });
  }

  /** Asks for offers again, also where some were declined. */
  revive(): void {
    this.#call({ type: "REVIVE" });
  }

  /** Goes on until everything was answered and nothing is due within a second, or until `isDone`. */
  run(isDone: () => boolean): void {
    const idleMs = 1000;
    while (!isDone()) {
      if (this.#waiting.length > 0) {
        const events = this.#waiting;
        this.#waiting = [];
        for (const event of events) this.#step(event);
        continue;
      }
      if (this.#talkative.length > 0) {
        this.#post();
        continue;
      }
      if (this.#wakeMs === undefined || this.#wakeMs > this.#monoMs + idleMs) return;
      this.#monoMs = Math.max(this.#wakeMs, this.#monoMs + stepMs);
      this.#wakeMs = undefined;
      this.#step({ type: "wake" });
    }
  }

  /** Each agent with something to say posts all of it. */
  #post(): void {
    const agents = this.#talkative;
    this.#talkative = [];
    for (const agent of agents) {
      const messages = agent.outbox;
      agent.outbox = [];
      this.#requests += 1;
      this.#step({
        type: "agentPost",
        requestId: `p${String(this.#requests)}`,
        principal: trusted,
        sessionId: agent.sessionId,
        post: this.#wire.post({ acknowledged: agent.taken, messages }),
      });
    }
  }

  #step(event: MasterEvent): void {
    const copy = this.#isWire ? (JSON.parse(JSON.stringify(event)) as MasterEvent) : event;
    this.#perform(this.master.step(copy, this.#env()));
  }

  #perform(ready: {
    readonly afterPersist: readonly MasterEffect[];
    readonly wakeAtMonoMs?: number;
  }): void {
    this.#wakeMs = ready.wakeAtMonoMs;
    for (const effect of ready.afterPersist) {
      if (effect.type === "sendAgent") this.#tellAgent(effect);
      else if (effect.type === "sendSchedulerEvent")
        this.#tellScheduler(this.#wire.event(effect.event));
      else if (effect.type === "openSchedulerStream") this.#streamId = effect.streamId;
      else if (effect.type === "replyRefused") throw new Error(effect.refusal.message);
    }
  }

  #tellAgent(effect: Extract<MasterEffect, { readonly type: "sendAgent" }>): void {
    const agent = this.#agents.get(effect.connectionId);
    if (agent === undefined) throw new Error("a message for an agent that is not there");
    const { seq, message } = this.#wire.envelope(effect.envelope);
    agent.taken = seq;
    this.#take(agent, message);
  }

  #take(agent: ThinAgent, message: MasterMessage): void {
    switch (message.type) {
      case "welcome":
        agent.sessionId = message.sessionId;
        break;
      case "launchTask":
        this.#say(agent, {
          task_id: message.task.task_id,
          state: "TASK_RUNNING",
          source: "SOURCE_EXECUTOR",
          agent_id: message.task.agent_id,
          timestamp: 1_795_305_600 + this.#monoMs / 1000,
          uuid: this.#updateId(),
          container_status: {
            container_id: { value: this.#uuid() },
            executor_pid: 1000 + agent.seq,
            network_infos: [{ ip_addresses: [{ protocol: "IPv4", ip_address: "10.0.0.7" }] }],
          },
        });
        break;
      case "acknowledgeStatus":
        this.acknowledged += 1;
        break;
      case "ping":
        agent.seq += 1;
        this.#put(agent, { seq: agent.seq, message: { type: "pong" } });
        break;
      case "refused":
        throw new Error(message.reason);
      case "killTask":
      case "drainAgent":
      case "shutdownFramework":
      case "updateFramework":
        break;
    }
  }

  #say(agent: ThinAgent, status: TaskStatus): void {
    agent.seq += 1;
    this.#put(agent, {
      seq: agent.seq,
      message: {
        type: "statusUpdate",
        frameworkId: this.#frameworkId,
        status,
        latestState: status.state,
      },
    });
  }

  #put(agent: ThinAgent, envelope: AgentEnvelope): void {
    if (agent.outbox.length === 0) this.#talkative.push(agent);
    agent.outbox.push(envelope);
  }

  #tellScheduler(
    event: Extract<MasterEffect, { readonly type: "sendSchedulerEvent" }>["event"],
  ): void {
    if (event.subscribed !== undefined) this.#frameworkId = event.subscribed.framework_id.value;
    for (const offer of event.offers?.offers ?? []) this.#answerOffer(offer);
    const status = event.update?.status;
    if (status === undefined) return;
    if (
      status.state !== "TASK_RUNNING" ||
      status.uuid === undefined ||
      status.agent_id === undefined
    )
      throw new Error(`${status.task_id.value}: ${status.state} ${status.message ?? ""}`);
    this.#call({
      type: "ACKNOWLEDGE",
      acknowledge: { agent_id: status.agent_id, task_id: status.task_id, uuid: status.uuid },
    });
  }

  #answerOffer(offer: Offer): void {
    const tasks = this.#answer(offer);
    if (tasks.length === 0) {
      this.#call({
        type: "DECLINE",
        decline: { offer_ids: [offer.id], filters: { refuse_seconds: 1e6 } },
      });
      return;
    }
    this.#call({
      type: "ACCEPT",
      accept: {
        offer_ids: [offer.id],
        operations: [{ type: "LAUNCH", launch: { task_infos: tasks } }],
        filters: { refuse_seconds: 0 },
      },
    });
  }

  #call(call: SchedulerCall): void {
    this.#requests += 1;
    this.#waiting.push({
      type: "schedulerCall",
      requestId: `s${String(this.#requests)}`,
      principal: trusted,
      remoteAddress: "10.0.0.9:40000",
      streamId: this.#streamId,
      call: this.#wire.call({ framework_id: { value: this.#frameworkId }, ...call }),
    });
  }

  #uuid(): string {
    this.#uuids += 1;
    return `5d7c1c0e-6b1f-4c38-8d52-${String(this.#uuids).padStart(12, "0")}`;
  }

  /** The 16 bytes of a status's uuid, as JSON carries them. */
  #updateId(): string {
    this.#uuids += 1;
    return Buffer.from(String(this.#uuids).padStart(16, "0")).toString("base64");
  }

  #env(): Parameters<Master["step"]>[1] {
    return {
      monoMs: this.#monoMs,
      wallMs: 1_795_305_600_000 + this.#monoMs,
      random: { next: () => 0, below: () => 0, uuid: () => this.#uuid() },
    };
  }
}

const agentResources: readonly Resource[] = [
  { name: "cpus", type: "SCALAR", scalar: { value: 64 } },
  { name: "mem", type: "SCALAR", scalar: { value: 131_072 } },
  { name: "disk", type: "SCALAR", scalar: { value: 1_000_000 } },
  { name: "ports", type: "RANGES", ranges: { range: [{ begin: 20_000, end: 29_999 }] } },
];
