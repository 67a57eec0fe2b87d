import { formatTimestamp, present } from "@tutti/base";
import type { Env, Ready } from "@tutti/machine";
import type {
  SchedulerCall,
  SchedulerEvent,
  TaskInfo,
  TaskState,
  TaskStatus,
} from "@tutti/mesos-v1";
import type { PublishedEvent } from "@tutti/marathon-v2";
import type { Random } from "@tutti/ports";
import { Marathon } from "../marathon.ts";
import type { MarathonEntry } from "../records.ts";
import type { ApiReply, ApiRequest, MarathonEffect, MarathonEvent } from "../types.ts";
import { describeEvent } from "./describe-event.ts";
import { isAlive, modelAgent, moveOn, statusOfDropped, statusOfMissing } from "./model-agent.ts";
import type { ModelAgent, ModelBehaviour, ModelTask } from "./model-agent.ts";
import { OfferBook } from "./offer-book.ts";
import type { Market } from "./offer-book.ts";
import { StatusOutbox } from "./status-outbox.ts";

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
  /** Every event Marathon published, in order. */
  readonly events: PublishedEvent[] = [];
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
  readonly #offers = new OfferBook(options.roles);
  #requestNumber = 0;
  readonly #statuses = new StatusOutbox((status) => {
    this.#tell({ type: "UPDATE", update: { status } });
  });
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
    const added = modelAgent(agent);
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
    this.#offers.suppress(this.marathon.suppressedRoles(this.env()));
    this.post({
      type: "subscribed",
      frameworkId: "framework-1",
      masterUrl: "http://10.0.0.1:5050",
      isNew: false,
    });
    this.#statuses.resend();
    this.#makeOffers();
    this.#drain();
  }

  disconnect(reason = "the master is away"): void {
    if (!this.#connected) return;
    this.#connected = false;
    this.#offers.clear();
    this.#queue = this.#queue.filter(({ type }) => type !== "schedulerEvent");
    this.post({ type: "disconnected", reason });
  }

  /** `kill -9` of Marathon and a new start; what was not durable is lost. */
  crash(): void {
    this.crashCount += 1;
    this.#connected = false;
    this.#offers.clear();
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
  end(task: ModelTask, state: TaskState, message: string, reason?: TaskStatus["reason"]): void {
    task.state = state;
    task.nextAtMs = undefined;
    this.#statuses.update(task, { message, ...(reason === undefined ? {} : { reason }) });
    this.#makeOffers();
    this.#drain();
  }

  /** The agent reports a failed health check. */
  failHealth(task: ModelTask, message: string): void {
    task.failures += 1;
    task.healthy = false;
    const label = { key: "tutti.health.consecutiveFailures", value: String(task.failures) };
    this.#statuses.update(task, {
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
    this.#statuses.forget(task.info.task_id.value);
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
      this.#statuses.forget(task.info.task_id.value);
      this.#statuses.tell(task, { state: "TASK_UNREACHABLE" });
    }
    this.#drain();
  }

  /** The agent is back with all its tasks. */
  heal(agent: ModelAgent): void {
    agent.reachable = true;
    for (const task of this.#tasksOn(agent)) {
      this.#statuses.update(task, { reason: "REASON_AGENT_REREGISTERED" });
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
      const news = moveOn(task, this.nowMs, this.behaviour);
      if (news !== undefined) this.#statuses.update(task, news);
    }
    this.#makeOffers();
    this.#drain();
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
        this.events.push(effect.event);
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
      SUPPRESS: () => this.#offers.suppress(call.suppress?.roles ?? []),
      REVIVE: () => {
        this.#offers.revive(call.revive?.roles ?? []);
        this.#makeOffers();
      },
      ACCEPT: () => this.#accept(call),
      DECLINE: () => {
        for (const { value } of call.decline?.offer_ids ?? []) {
          this.#offers.refuse(value, call.decline?.filters?.refuse_seconds ?? 5, this.#market());
        }
      },
      KILL: () => this.#kill(call.kill?.task_id.value ?? ""),
      RECONCILE: () => this.#reconcile(call),
      ACKNOWLEDGE: () => this.#statuses.acknowledge(call.acknowledge?.task_id.value ?? ""),
    };
    present(handlers[call.type ?? ""], `an answer to ${call.type ?? "a call"}`)();
  }

  #accept(call: SchedulerCall): void {
    const id = call.accept?.offer_ids?.[0]?.value ?? "";
    const isOffered = this.#offers.has(id);
    const tasks = (call.accept?.operations ?? []).flatMap(({ launch }) => launch?.task_infos ?? []);
    for (const info of tasks) {
      const agent = present(
        this.agents.find((other) => other.id === info.agent_id.value),
        "the agent of a task",
      );
      if (!isOffered || !agent.reachable) {
        this.#tell({ type: "UPDATE", update: { status: statusOfDropped(info) } });
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
    this.#offers.refuse(id, call.accept?.filters?.refuse_seconds ?? 5, this.#market());
    this.#makeOffers();
  }

  #noteAlive(info: TaskInfo): void {
    const app = `/${present(info.task_id.value.split(".")[0], "an app").replaceAll("_", "/")}`;
    this.aliveMax.set(app, Math.max(this.aliveMax.get(app) ?? 0, this.alive(app).length));
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
    this.#statuses.update(task, {});
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
        this.#tell({ type: "UPDATE", update: { status: statusOfMissing(id, known, agentId) } });
      }
    }
  }

  #answer(task: ModelTask): void {
    const state = task.agent.reachable ? task.state : "TASK_UNREACHABLE";
    this.#statuses.tell(task, { state, reason: "REASON_RECONCILIATION" });
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

  #market(): Market {
    return {
      nowMs: this.nowMs,
      agents: this.agents,
      freeCpus: (agent) => this.#freeCpus(agent),
    };
  }

  #makeOffers(): void {
    if (!this.#connected) return;
    const offers = this.#offers.make(this.#market());
    if (offers.length > 0) this.#tell({ type: "OFFERS", offers: { offers } });
  }
}
