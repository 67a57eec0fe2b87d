import { formatTimestamp, present } from "@tutti/base";
import type { Env, Ready } from "@tutti/machine";
import type {
  Offer,
  Resource,
  SchedulerCall,
  SchedulerEvent,
  TaskInfo,
  TaskState,
  TaskStatus,
} from "@tutti/mesos-v1";
import type { CurrentStep } from "@tutti/marathon-v2";
import type { Random } from "@tutti/ports";
import { Marathon } from "../marathon.ts";
import type { MarathonEntry } from "../records.ts";
import type { ApiReply, ApiRequest, MarathonEffect, MarathonEvent } from "../types.ts";

/** An agent of the model. */
export interface ModelAgent {
  readonly id: string;
  readonly host: string;
  readonly cpus: number;
  readonly memMb: number;
  readonly role: string;
  readonly attributes: Readonly<Record<string, string>>;
  reachable: boolean;
}

/** A task on an agent of the model. */
export interface ModelTask {
  readonly info: TaskInfo;
  readonly agent: ModelAgent;
  state: TaskState;
  /** When it goes on by itself: from staging to running, from killing to killed. */
  nextAtMs: number | undefined;
  healthy: boolean | undefined;
  failures: number;
}

/** How tasks of the model behave. */
export interface ModelBehaviour {
  /** From launch to TASK_RUNNING. */
  startMs: number;
  /** From TASK_KILLING to TASK_KILLED. */
  stopMs: number;
  /** From TASK_RUNNING to the first passed health check. */
  healthyAfterMs: number;
}

const options = { roles: ["*", "slave_public"], servicePorts: { min: 10_000, max: 20_000 } };
const startWallMs = 1_800_000_000_000;

/**
 * A master and agents as a framework sees them, small enough to be read: for tests of Marathon's core
 * alone. It speaks the v1 scheduler API in the order and with the answers recorded from Mesos.
 */
export class ClusterModel {
  readonly agents: ModelAgent[] = [];
  readonly tasks = new Map<string, ModelTask>();
  readonly behaviour: ModelBehaviour = { startMs: 200, stopMs: 100, healthyAfterMs: 500 };
  readonly replies = new Map<number, ApiReply>();
  readonly narrative: string[] = [];
  readonly durable = new Map<string, Uint8Array>();
  readonly random: Random;
  marathon = new Marathon(options);
  nowMs = 0;
  /** Most tasks that were alive at the same time, per app. */
  readonly aliveMax = new Map<string, number>();
  /** Steps that still perform their effects before a crash; undefined: no crash planned. */
  crashAfterPersists: number | undefined;
  crashCount = 0;
  /** Every call Marathon made, in order. */
  readonly calls: SchedulerCall[] = [];
  #connected = false;
  #queue: MarathonEvent[] = [];
  #wakeAtMs: number | undefined;
  #suppressed = new Map<string, boolean>();
  #refused = new Map<string, { readonly untilMs: number; readonly cpus: number }>();
  #offers = new Map<string, { readonly agent: ModelAgent; readonly role: string }>();
  #offerNumber = 0;
  #requestNumber = 0;
  #unacknowledged = new Map<string, TaskStatus[]>();
  #draining = false;

  constructor(random: Random) {
    this.random = random;
    this.#apply(this.marathon.recover({ records: [] }, this.env()));
  }

  env(): Env {
    return { monoMs: this.nowMs, wallMs: startWallMs + this.nowMs, random: this.random };
  }

  say(line: string): void {
    this.narrative.push(line);
  }

  addAgent(agent: Partial<ModelAgent> & { readonly host: string }): ModelAgent {
    const added: ModelAgent = {
      id: `agent-${agent.host}`,
      cpus: 4,
      memMb: 4096,
      role: "*",
      attributes: {},
      reachable: true,
      ...agent,
    };
    this.agents.push(added);
    this.#makeOffers();
    this.#drain();
    return added;
  }

  /** Makes a request and returns its answer. */
  request(request: ApiRequest): ApiReply | undefined {
    this.#requestNumber += 1;
    const requestId = this.#requestNumber;
    this.post({
      type: "apiRequest",
      requestId,
      principal: { type: "secretBearer" },
      clientIp: "10.0.0.9",
      uri: "/v2/apps",
      request,
    });
    return this.replies.get(requestId);
  }

  post(event: MarathonEvent): void {
    this.#queue.push(event);
    this.#drain();
  }

  connect(): void {
    if (this.#connected) return;
    this.#connected = true;
    for (const role of this.marathon.suppressedRoles(this.env())) this.#suppressed.set(role, true);
    this.post({
      type: "subscribed",
      frameworkId: "framework-1",
      masterUrl: "http://10.0.0.1:5050",
      isNew: false,
    });
    for (const statuses of this.#unacknowledged.values()) {
      const [first] = statuses;
      if (first !== undefined) this.#tell({ type: "UPDATE", update: { status: first } });
    }
    this.#makeOffers();
    this.#drain();
  }

  disconnect(reason = "the master is away"): void {
    if (!this.#connected) return;
    this.#connected = false;
    this.#offers.clear();
    this.#suppressed.clear();
    this.#refused.clear();
    this.#queue = this.#queue.filter(({ type }) => type !== "schedulerEvent");
    this.post({ type: "disconnected", reason });
  }

  /** `kill -9` of Marathon and a new start; what was not durable is lost. */
  crash(): void {
    this.crashCount += 1;
    this.#connected = false;
    this.#offers.clear();
    this.#suppressed.clear();
    this.#refused.clear();
    this.#queue = [];
    this.marathon = new Marathon(options);
    const records = [...this.durable]
      .map(([path, value]) => ({ path, value }))
      .toSorted((left, right) => (left.path < right.path ? -1 : 1));
    this.#apply(this.marathon.recover({ records }, this.env()));
  }

  /** Lets time pass, everything happening when it is due. */
  run(ms: number): void {
    const end = this.nowMs + ms;
    for (;;) {
      const next = this.#nextMs();
      if (next === undefined || next > end) break;
      this.nowMs = Math.max(this.nowMs, next);
      if (!this.#connected) this.connect();
      this.#moveTasks();
      if (this.#wakeAtMs !== undefined && this.#wakeAtMs <= this.nowMs) this.post({ type: "wake" });
    }
    this.nowMs = end;
    this.#makeOffers();
    this.#drain();
  }

  /** Tasks of an app that are alive on their agents. */
  alive(appId: string): readonly ModelTask[] {
    const prefix = `${appId.slice(1).replaceAll("/", "_")}.`;
    return [...this.tasks.values()].filter(
      ({ info, state }) => info.task_id.value.startsWith(prefix) && isAlive(state),
    );
  }

  /** Ends a task by itself. */
  end(task: ModelTask, state: TaskState, message: string): void {
    task.state = state;
    task.nextAtMs = undefined;
    this.#update(task, { message });
    this.#makeOffers();
    this.#drain();
  }

  /** The agent reports a failed health check. */
  failHealth(task: ModelTask, message: string): void {
    task.failures += 1;
    task.healthy = false;
    const label = { key: "tutti.health.consecutiveFailures", value: String(task.failures) };
    this.#update(task, {
      healthy: false,
      message,
      labels: { labels: [label] },
      reason: "REASON_TASK_HEALTH_CHECK_STATUS_UPDATED",
    });
    this.#drain();
  }

  /** Forgets a task without a word, as when an agent's disk is lost. */
  forget(task: ModelTask): void {
    this.tasks.delete(task.info.task_id.value);
    this.#unacknowledged.delete(task.info.task_id.value);
  }

  /** A status as the master sends it, about any task. */
  tell(status: TaskStatus): void {
    this.#tell({ type: "UPDATE", update: { status } });
    this.#drain();
  }

  /** The master loses sight of an agent. */
  partition(agent: ModelAgent): void {
    agent.reachable = false;
    for (const task of this.#tasksOn(agent)) {
      this.#unacknowledged.delete(task.info.task_id.value);
      this.#status(task, { state: "TASK_UNREACHABLE" }, false);
    }
    this.#drain();
  }

  /** The agent is back with all its tasks. */
  heal(agent: ModelAgent): void {
    agent.reachable = true;
    for (const task of this.#tasksOn(agent)) {
      this.#status(task, { reason: "REASON_AGENT_REREGISTERED" }, true);
    }
    this.#makeOffers();
    this.#drain();
  }

  #tasksOn(agent: ModelAgent): readonly ModelTask[] {
    return [...this.tasks.values()].filter((task) => task.agent === agent && isAlive(task.state));
  }

  #nextMs(): number | undefined {
    const due = [...this.tasks.values()].flatMap(({ nextAtMs, agent }) =>
      nextAtMs === undefined || !agent.reachable ? [] : [nextAtMs],
    );
    if (this.#wakeAtMs !== undefined) due.push(this.#wakeAtMs);
    if (!this.#connected) due.push(this.nowMs);
    return due.length === 0 ? undefined : Math.min(...due);
  }

  #moveTasks(): void {
    for (const task of this.tasks.values()) {
      if (task.nextAtMs === undefined || task.nextAtMs > this.nowMs) continue;
      if (!task.agent.reachable) continue;
      task.nextAtMs = undefined;
      if (task.state === "TASK_STAGING") {
        task.state = "TASK_RUNNING";
        if (task.info.health_check !== undefined) {
          task.nextAtMs = this.nowMs + this.behaviour.healthyAfterMs;
        }
        this.#update(task, {});
      } else if (task.state === "TASK_RUNNING") {
        task.healthy = true;
        this.#update(task, {
          healthy: true,
          reason: "REASON_TASK_HEALTH_CHECK_STATUS_UPDATED",
        });
      } else if (task.state === "TASK_KILLING") {
        task.state = "TASK_KILLED";
        this.#update(task, { message: "Command terminated with signal Terminated" });
      }
    }
    this.#makeOffers();
    this.#drain();
  }

  /** An update of the agent: sent again until it is acknowledged. */
  #update(task: ModelTask, extra: Partial<TaskStatus>): void {
    this.#status(task, extra, true);
  }

  #status(task: ModelTask, extra: Partial<TaskStatus>, withUuid: boolean): void {
    const status: TaskStatus = {
      task_id: task.info.task_id,
      agent_id: task.info.agent_id,
      state: task.state,
      ...(task.healthy === undefined ? {} : { healthy: task.healthy }),
      ...extra,
      ...(withUuid ? { uuid: "AAAAAAAAAAAAAAAAAAAAAA==" } : {}),
    };
    const id = task.info.task_id.value;
    if (!withUuid) {
      this.#tell({ type: "UPDATE", update: { status } });
      return;
    }
    const waiting = this.#unacknowledged.get(id) ?? [];
    waiting.push(status);
    this.#unacknowledged.set(id, waiting);
    if (waiting.length === 1) this.#tell({ type: "UPDATE", update: { status } });
  }

  #tell(event: SchedulerEvent): void {
    if (this.#connected) this.#queue.push({ type: "schedulerEvent", event });
  }

  #drain(): void {
    if (this.#draining) return;
    this.#draining = true;
    for (let event = this.#queue.shift(); event !== undefined; event = this.#queue.shift()) {
      this.#apply(this.marathon.step(event, this.env()));
    }
    this.#draining = false;
  }

  #apply(ready: Ready<MarathonEntry, MarathonEffect>): void {
    for (const entry of ready.persist) {
      if (entry.type === "put") this.durable.set(entry.path, entry.value);
      else this.durable.delete(entry.path);
    }
    this.#wakeAtMs = ready.wakeAtMonoMs;
    if (this.crashAfterPersists !== undefined && ready.persist.length > 0) {
      this.crashAfterPersists -= 1;
      if (this.crashAfterPersists < 0) {
        this.crashAfterPersists = undefined;
        this.crash();
        return;
      }
    }
    for (const effect of ready.afterPersist) this.#perform(effect);
  }

  #perform(effect: MarathonEffect): void {
    switch (effect.type) {
      case "call":
        this.#call(effect.call);
        break;
      case "reply":
        this.replies.set(effect.requestId, effect.reply);
        break;
      case "publishEvent":
        this.say(`${this.#time()} ${describeEvent(effect.event)}`);
        break;
    }
  }

  #time(): string {
    return formatTimestamp(startWallMs + this.nowMs).slice(14, 23);
  }

  #call(call: SchedulerCall): void {
    if (!this.#connected) return;
    this.calls.push(call);
    const handlers: Readonly<Record<string, () => void>> = {
      SUPPRESS: () => this.#suppress(call),
      REVIVE: () => this.#revive(call),
      ACCEPT: () => this.#accept(call),
      DECLINE: () => this.#decline(call),
      KILL: () => this.#kill(call.kill?.task_id.value ?? ""),
      RECONCILE: () => this.#reconcile(call),
      ACKNOWLEDGE: () => this.#acknowledge(call.acknowledge?.task_id.value ?? ""),
    };
    present(handlers[call.type ?? ""], `an answer to ${call.type ?? "a call"}`)();
  }

  #suppress(call: SchedulerCall): void {
    for (const role of call.suppress?.roles ?? []) this.#suppressed.set(role, true);
  }

  #revive(call: SchedulerCall): void {
    for (const role of call.revive?.roles ?? []) {
      this.#suppressed.set(role, false);
      for (const agent of this.agents) this.#refused.delete(`${agent.id} ${role}`);
    }
    this.#makeOffers();
  }

  #decline(call: SchedulerCall): void {
    for (const id of call.decline?.offer_ids ?? []) {
      this.#refuse(id.value, call.decline?.filters?.refuse_seconds ?? 5);
    }
  }

  #acknowledge(taskId: string): void {
    const waiting = this.#unacknowledged.get(taskId);
    waiting?.shift();
    const [next] = waiting ?? [];
    if (next !== undefined) this.#tell({ type: "UPDATE", update: { status: next } });
  }

  #accept(call: SchedulerCall): void {
    const id = call.accept?.offer_ids?.[0]?.value ?? "";
    const offer = this.#offers.get(id);
    const tasks = (call.accept?.operations ?? []).flatMap(({ launch }) => launch?.task_infos ?? []);
    for (const info of tasks) {
      const agent = present(
        this.agents.find((other) => other.id === info.agent_id.value),
        "the agent of a task",
      );
      if (offer === undefined || !agent.reachable) {
        this.#tell({
          type: "UPDATE",
          update: {
            status: {
              task_id: info.task_id,
              agent_id: info.agent_id,
              state: "TASK_DROPPED",
              reason: "REASON_INVALID_OFFERS",
            },
          },
        });
        continue;
      }
      this.tasks.set(info.task_id.value, {
        info,
        agent,
        state: "TASK_STAGING",
        nextAtMs: this.nowMs + this.behaviour.startMs,
        healthy: undefined,
        failures: 0,
      });
      this.#noteAlive(info);
    }
    this.#refuse(id, call.accept?.filters?.refuse_seconds ?? 5);
    this.#makeOffers();
  }

  #noteAlive(info: TaskInfo): void {
    const app = `/${present(info.task_id.value.split(".")[0], "an app").replaceAll("_", "/")}`;
    this.aliveMax.set(app, Math.max(this.aliveMax.get(app) ?? 0, this.alive(app).length));
  }

  #refuse(offerId: string, seconds: number): void {
    const offer = this.#offers.get(offerId);
    this.#offers.delete(offerId);
    if (offer === undefined) return;
    this.#refused.set(`${offer.agent.id} ${offer.role}`, {
      untilMs: this.nowMs + seconds * 1000,
      cpus: this.#freeCpus(offer.agent),
    });
  }

  #kill(taskId: string): void {
    const task = this.tasks.get(taskId);
    if (task === undefined || !isAlive(task.state)) {
      const status: TaskStatus = { task_id: { value: taskId }, state: "TASK_UNKNOWN" };
      this.#tell({ type: "UPDATE", update: { status } });
      return;
    }
    if (!task.agent.reachable || task.state === "TASK_KILLING") return;
    task.state = "TASK_KILLING";
    task.nextAtMs = this.nowMs + this.behaviour.stopMs;
    this.#update(task, {});
  }

  #reconcile(call: SchedulerCall): void {
    const asked = call.reconcile?.tasks ?? [];
    if (asked.length === 0) {
      for (const task of this.tasks.values()) if (isAlive(task.state)) this.#answer(task);
      return;
    }
    for (const { task_id: id, agent_id: agentId } of asked) {
      const task = this.tasks.get(id.value);
      if (task !== undefined && isAlive(task.state)) this.#answer(task);
      else {
        const known = this.agents.find((agent) => agent.id === agentId?.value);
        const state = known?.reachable === true ? "TASK_GONE" : "TASK_UNKNOWN";
        const status: TaskStatus = {
          task_id: id,
          ...(agentId === undefined ? {} : { agent_id: agentId }),
          state,
          reason: "REASON_RECONCILIATION",
        };
        this.#tell({ type: "UPDATE", update: { status } });
      }
    }
  }

  #answer(task: ModelTask): void {
    const state = task.agent.reachable ? task.state : "TASK_UNREACHABLE";
    this.#status(task, { state, reason: "REASON_RECONCILIATION" }, false);
  }

  #freeCpus(agent: ModelAgent): number {
    let free = agent.cpus * 1000;
    for (const { agent: other, state, info } of this.tasks.values()) {
      if (other !== agent || !isAlive(state)) continue;
      for (const { name, scalar } of info.resources ?? []) {
        if (name === "cpus") free -= Math.round((scalar?.value ?? 0) * 1000);
      }
    }
    return free / 1000;
  }

  #makeOffers(): void {
    if (!this.#connected) return;
    const offers: Offer[] = [];
    for (const role of options.roles) {
      if (this.#suppressed.get(role) === true) continue;
      for (const agent of this.agents) {
        const offer = this.#offerOf(agent, role);
        if (offer !== undefined) offers.push(offer);
      }
    }
    if (offers.length > 0) this.#tell({ type: "OFFERS", offers: { offers } });
  }

  #offerOf(agent: ModelAgent, role: string): Offer | undefined {
    if (!agent.reachable || (agent.role !== "*" && agent.role !== role)) return undefined;
    const isOut = [...this.#offers.values()].some((offer) => offer.agent === agent);
    const cpus = this.#freeCpus(agent);
    const refused = this.#refused.get(`${agent.id} ${role}`);
    const isRefused = refused !== undefined && refused.untilMs > this.nowMs && cpus <= refused.cpus;
    if (isOut || isRefused || cpus < 0.01) return undefined;
    this.#offerNumber += 1;
    const id = `offer-${this.#offerNumber}`;
    this.#offers.set(id, { agent, role });
    return {
      id: { value: id },
      framework_id: { value: "framework-1" },
      agent_id: { value: agent.id },
      hostname: agent.host,
      allocation_info: { role },
      resources: resourcesOf(agent, cpus, role),
      attributes: Object.entries(agent.attributes).map(([name, value]) => ({
        name,
        type: "TEXT",
        text: { value },
      })),
    };
  }
}

function resourcesOf(agent: ModelAgent, cpus: number, role: string): readonly Resource[] {
  const common = {
    allocation_info: { role },
    ...(agent.role === "*"
      ? {}
      : { reservations: [{ type: "STATIC" as const, role: agent.role }] }),
  };
  return [
    { ...common, name: "cpus", type: "SCALAR", scalar: { value: cpus } },
    { ...common, name: "mem", type: "SCALAR", scalar: { value: agent.memMb } },
    { ...common, name: "disk", type: "SCALAR", scalar: { value: 10_000 } },
    {
      ...common,
      name: "ports",
      type: "RANGES",
      ranges: { range: [{ begin: 31_000, end: 32_000 }] },
    },
  ];
}

function isAlive(state: TaskState): boolean {
  return ["TASK_STAGING", "TASK_STARTING", "TASK_RUNNING", "TASK_KILLING"].includes(state);
}

function describeEvent(event: { readonly eventType: string } & object): string {
  const fields = new Map<string, unknown>(Object.entries(event));
  const shown = shownFields.flatMap((name) => {
    const value = fields.get(name);
    return typeof value === "string" || typeof value === "boolean" ? [`${name}=${value}`] : [];
  });
  const actions =
    "currentStep" in event
      ? (event.currentStep as CurrentStep).actions.map(({ action, app }) => `${action} ${app}`)
      : [];
  return [event.eventType, ...shown, ...actions].join(" ");
}

const shownFields = [
  "appId",
  "runSpecId",
  "taskId",
  "instanceId",
  "taskStatus",
  "condition",
  "goal",
  "healthy",
  "reason",
  "host",
];
