// Drives a master core by hand for tests: its clocks, its chance, what is durable, and what it said.
import { known, parseMasterId } from "@tutti/ids";
import type {
  FrameworkInfo,
  OfferOperation,
  SchedulerCall,
  Task,
  TaskInfo,
  TaskStatus,
} from "@tutti/mesos-v1";
import type { AgentMessage, MasterMessage } from "@tutti/node-v1";
import type { Random } from "@tutti/ports";
import { defaultDurations } from "../config.ts";
import type { MasterConfig } from "../config.ts";
import type {
  AgentRecord,
  MasterDurable,
  MasterEffect,
  MasterEvent,
  QuotaRecord,
  RoleWeight,
} from "../events.ts";
import type { MasterLogEntry } from "../log-entry.ts";
import { Master } from "../master.ts";
import type { Principal } from "../principal.ts";
import { tellEffect } from "./story-words.ts";

/** A principal that may do all. */
export const trusted: Principal = { type: "trusted", name: "cluster" };

const baseConfig: MasterConfig = {
  masterId: known(parseMasterId("m0")),
  epoch: 1,
  clusterId: "c0",
  clusterName: "story",
  ip: "10.0.0.1",
  port: 5050,
  hostname: "10.0.0.1",
  startedMs: 0,
  electedMs: 0,
  ...defaultDurations,
};

/** What a framework of these stories can do unless it says otherwise. */
export const modernCapabilities = [
  { type: "MULTI_ROLE" },
  { type: "PARTITION_AWARE" },
  { type: "RESERVATION_REFINEMENT" },
] as const;

/** One master, from its election to its end, and the hands that move it. */
export class MasterStory {
  readonly config: MasterConfig;
  readonly master: Master;
  readonly agentRecords = new Map<string, AgentRecord>();
  weights: readonly RoleWeight[] = [];
  quotas: readonly QuotaRecord[] = [];
  /** Everything it said since it was last asked. */
  effects: MasterEffect[] = [];
  readonly lines: string[] = [];
  readonly log: MasterLogEntry[] = [];
  monoMs = 0;
  wallMs = 1_000_000;
  #wakeMs: number | undefined;
  #uuids = 0;
  #requests = 0;
  readonly #agentSeqs = new Map<string, number>();

  constructor(options: Partial<MasterConfig> = {}, durable?: MasterDurable) {
    this.config = { ...baseConfig, ...options };
    this.master = new Master(this.config);
    for (const record of durable?.agents ?? []) {
      this.agentRecords.set(record.info.id?.value ?? "", record);
    }
    this.weights = durable?.weights ?? [];
    this.quotas = durable?.quotas ?? [];
    this.#take(this.master.recover(this.durable, this.#env()));
  }

  get durable(): MasterDurable {
    return { agents: [...this.agentRecords.values()], weights: this.weights, quotas: this.quotas };
  }

  /** A new master that finds what this one made durable. */
  failOver(options: Partial<MasterConfig> = {}): MasterStory {
    const next = { masterId: known(parseMasterId("m1")), epoch: this.config.epoch + 1 };
    return new MasterStory({ ...this.config, ...next, ...options }, this.durable);
  }

  send(event: MasterEvent): MasterEffect[] {
    const from = this.effects.length;
    this.#take(this.master.step(event, this.#env()));
    return this.effects.slice(from);
  }

  /** Lets time pass; due wake-ups happen at their time. */
  advance(ms: number): MasterEffect[] {
    const from = this.effects.length;
    const untilMs = this.monoMs + ms;
    for (;;) {
      const dueMs = this.#wakeMs;
      if (dueMs === undefined || dueMs > untilMs) break;
      this.#passTo(Math.max(dueMs, this.monoMs));
      this.#wakeMs = undefined;
      this.#take(this.master.step({ type: "wake" }, this.#env()));
    }
    this.#passTo(untilMs);
    return this.effects.slice(from);
  }

  /** An agent dials. Without `id` it is new. */
  hello(name: string, options: HelloOptions = {}): MasterEffect[] {
    this.#agentSeqs.set(name, 0);
    return this.send({
      type: "agentHello",
      connectionId: options.connection ?? name,
      principal: trusted,
      hello: {
        versionMin: 1,
        versionMax: 1,
        capabilities: options.capabilities ?? [
          "MULTI_ROLE",
          "HIERARCHICAL_ROLE",
          "RESERVATION_REFINEMENT",
        ],
        bootId: "boot",
        agent: {
          hostname: name,
          port: 5051,
          resources: options.resources ?? resourcesOf(4, 4096),
          ...(options.id === undefined ? {} : { id: { value: options.id } }),
        },
        release: "0.1.0",
        epochSeen: options.epochSeen ?? 0,
        tasks: options.tasks ?? [],
        frameworks: options.frameworks ?? [],
      },
    });
  }

  /** An agent posts in its session. */
  post(name: string, messages: readonly AgentMessage[], acknowledged = 0): MasterEffect[] {
    const sessionId = this.sessionOf(name);
    let seq = this.#agentSeqs.get(name) ?? 0;
    const envelopes = messages.map((message) => ({ seq: ++seq, message }));
    this.#agentSeqs.set(name, seq);
    this.#requests += 1;
    const post = { acknowledged, messages: envelopes };
    const requestId = `r${this.#requests}`;
    return this.send({ type: "agentPost", requestId, principal: trusted, sessionId, post });
  }

  /** A framework subscribes; returns the id of its stream. */
  subscribe(name: string, info: Partial<FrameworkInfo> = {}): string {
    const id = info.id;
    const effects = this.call({
      type: "SUBSCRIBE",
      ...(id === undefined ? {} : { framework_id: id }),
      subscribe: {
        framework_info: {
          user: "root",
          name,
          roles: ["*"],
          capabilities: modernCapabilities,
          failover_timeout: 60,
          ...info,
        },
      },
    });
    const opened = effects.find((effect) => effect.type === "openSchedulerStream");
    if (opened === undefined) throw new Error("the subscription was refused");
    return opened.streamId;
  }

  call(call: SchedulerCall, streamId?: string): MasterEffect[] {
    this.#requests += 1;
    return this.send({
      type: "schedulerCall",
      requestId: `r${this.#requests}`,
      principal: trusted,
      call,
      ...(streamId === undefined ? {} : { streamId }),
      remoteAddress: "10.0.0.9:40000",
    });
  }

  /** The session that an agent's last welcome named. */
  sessionOf(name: string): string {
    const welcome = this.messagesTo(name).findLast((message) => message.type === "welcome");
    if (welcome?.type !== "welcome") throw new Error(`${name} was never welcomed`);
    return welcome.sessionId;
  }

  messagesTo(
    connectionId: string,
    effects: readonly MasterEffect[] = this.effects,
  ): MasterMessage[] {
    return effects.flatMap((effect) =>
      effect.type === "sendAgent" && effect.connectionId === connectionId
        ? [effect.envelope.message]
        : [],
    );
  }

  /** Statuses sent to schedulers. */
  statuses(effects: readonly MasterEffect[] = this.effects): TaskStatus[] {
    return effects.flatMap((effect) =>
      effect.type === "sendSchedulerEvent" && effect.event.update !== undefined
        ? [effect.event.update.status]
        : [],
    );
  }

  /** Ids of offers sent. */
  offers(effects: readonly MasterEffect[] = this.effects): string[] {
    return effects.flatMap((effect) =>
      effect.type === "sendSchedulerEvent"
        ? (effect.event.offers?.offers ?? []).map((offer) => offer.id.value)
        : [],
    );
  }

  /** Writes a line of the narrative. */
  note(line: string): void {
    this.lines.push(`# ${line}`);
  }

  #take(ready: ReturnType<Master["step"]>): void {
    for (const entry of ready.persist) {
      this.lines.push(
        `  durable ${entry.type} ${"agentId" in entry ? entry.agentId : ""}`.trimEnd(),
      );
      if (entry.type === "putAgent") this.agentRecords.set(entry.agentId, entry.record);
      else if (entry.type === "deleteAgent") this.agentRecords.delete(entry.agentId);
      else if (entry.type === "putWeights") this.weights = entry.weights;
      else this.quotas = entry.quotas;
    }
    for (const effect of ready.afterPersist) {
      if (effect.type === "log") {
        this.log.push(effect.entry);
        continue;
      }
      this.effects.push(effect);
      this.lines.push(`  ${tellEffect(effect)}`);
    }
    this.#wakeMs = ready.wakeAtMonoMs;
  }

  #passTo(monoMs: number): void {
    this.wallMs += monoMs - this.monoMs;
    this.monoMs = monoMs;
  }

  #env(): { readonly monoMs: number; readonly wallMs: number; readonly random: Random } {
    const random: Random = {
      next: () => 0,
      below: () => 0,
      uuid: () => {
        this.#uuids += 1;
        return `uuid-${this.config.epoch}-${this.#uuids}`;
      },
    };
    return { monoMs: this.monoMs, wallMs: this.wallMs, random };
  }
}

/** What an agent says of itself when it dials. */
export interface HelloOptions {
  readonly id?: string;
  readonly connection?: string;
  readonly capabilities?: readonly string[];
  readonly resources?: TaskInfo["resources"];
  readonly tasks?: readonly Task[];
  readonly frameworks?: readonly FrameworkInfo[];
  readonly epochSeen?: number;
}

/** Scalars of cpus and memory, with a range of ports. */
export function resourcesOf(cpus: number, mem: number): NonNullable<TaskInfo["resources"]> {
  return [
    { name: "cpus", type: "SCALAR", scalar: { value: cpus } },
    { name: "mem", type: "SCALAR", scalar: { value: mem } },
    { name: "ports", type: "RANGES", ranges: { range: [{ begin: 31000, end: 31009 }] } },
  ];
}

/** A task that sleeps. */
export function sleeper(id: string, agentId: string, options: Partial<TaskInfo> = {}): TaskInfo {
  return {
    name: id,
    task_id: { value: id },
    agent_id: { value: agentId },
    resources: [
      { name: "cpus", type: "SCALAR", scalar: { value: 1 } },
      { name: "mem", type: "SCALAR", scalar: { value: 128 } },
    ],
    command: { value: "sleep 1000" },
    ...options,
  };
}

/** A LAUNCH of these tasks. */
export function launchOf(...tasks: readonly TaskInfo[]): OfferOperation {
  return { type: "LAUNCH", launch: { task_infos: tasks } };
}
