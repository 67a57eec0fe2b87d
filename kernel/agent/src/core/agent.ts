import { DeadlineQueue, assert, present } from "@tutti/base";
import { Resources } from "@tutti/resources";
import type { Env, Ready } from "@tutti/machine";
import type { AgentConfig } from "./config.ts";
import type { AgentEffect, LogLevel } from "./effects.ts";
import { isAlive, isCompleted } from "./held-task.ts";
import type { HeldTask } from "./held-task.ts";
import type { AgentEntry, AgentRecord, FrameworkRecord, TaskRun } from "./records.ts";
import { recordVersion } from "./records.ts";
import type { Session } from "./session.ts";

/** Counts since the start of the process, for `/metrics/snapshot`. */
export interface AgentCounters {
  readonly terminal: Map<string, number>;
  launchErrors: number;
  destroyErrors: number;
  validUpdates: number;
  sandboxesRemoved: number;
  sandboxRemovalsFailed: number;
}

/**
 * The state of an agent and what the current step wants: handlers change it, `takeReady` ends a step.
 *
 * Invariants: `active` holds exactly the tasks that are not completed, by framework and task id; every
 * task of `tasks` has its framework in `frameworks` unless nobody knew it; each record in memory equals
 * the durable one after the step.
 */
export class Agent {
  readonly config: AgentConfig;
  readonly total: Resources;
  record: AgentRecord;
  readonly frameworks = new Map<string, FrameworkRecord>();
  /** By record id, in the order of launch. */
  readonly tasks = new Map<string, HeldTask>();
  readonly active = new Map<string, HeldTask>();
  readonly deadlines = new DeadlineQueue<string>();
  readonly counters: AgentCounters = {
    terminal: new Map(),
    launchErrors: 0,
    destroyErrors: 0,
    validUpdates: 0,
    sandboxesRemoved: 0,
    sandboxRemovalsFailed: 0,
  };
  session: Session = { phase: "recovering" };
  recoverBeganMonoMs = 0;
  /** How long it took until the containers of before were known; undefined until they are. */
  recoveryMs: number | undefined;
  dials = 0;
  posts = 0;
  dialDelayMs = 0;
  /** Index in the list of masters of the next dial. */
  nextMaster = 0;
  sandboxRemovals = 0;
  /** How long sandboxes of tasks that are over are kept, as full as the disk is now. */
  sandboxKeptMs: number;
  /** The `order` of the next task record. */
  nextOrder = 0;
  #entries: AgentEntry[] = [];
  #effects: AgentEffect[] = [];
  readonly #dirty = new Set<HeldTask>();
  /** The tasks that are alive, and what they take together: kept up, so that a launch costs the same beside any number. */
  readonly #alive = new Set<HeldTask>();
  #used: Resources = Resources.empty;

  constructor(config: AgentConfig) {
    assert(config.masters.length > 0, "an agent needs a master to call");
    this.config = config;
    this.sandboxKeptMs = config.sandboxKeptMs;
    this.total = Resources.of(config.info.resources ?? []);
    this.record = { version: recordVersion, epochSeen: 0, bootId: config.bootId };
  }

  /** The agent's id; a bug before the first welcome. */
  get agentId(): string {
    return present(this.record.agentId, "the agent's id");
  }

  persist(entry: AgentEntry): void {
    this.#entries.push(entry);
  }

  perform(effect: AgentEffect): void {
    this.#effects.push(effect);
  }

  log(
    level: LogLevel,
    message: string,
    fields: Readonly<Record<string, string | number>> = {},
  ): void {
    this.#effects.push({ type: "log", level, message, fields });
  }

  changeRecord(change: Partial<AgentRecord>): void {
    this.record = { ...this.record, ...change };
    this.persist({ type: "agentChanged", agent: this.record });
  }

  /** A drain is over as soon as no task is left that somebody waits for. Rule AGT38. */
  endDrainIfEmpty(): void {
    if (this.active.size === 0) this.endDrain();
  }

  /** Only a master that leads the agent as active again launches on it. */
  endDrain(): void {
    if (this.record.drain === undefined) return;
    const { drain: _drain, ...record } = this.record;
    this.record = record;
    this.persist({ type: "agentChanged", agent: record });
  }

  /** Replaces the changing part of a task; it becomes durable with this step. */
  changeRun(task: HeldTask, run: TaskRun): void {
    task.run = run;
    this.#dirty.add(task);
    this.#charge(task);
  }

  addTask(task: HeldTask): void {
    this.tasks.set(task.record.id, task);
    this.persist({ type: "taskAdded", task: task.record });
    this.#dirty.add(task);
    this.refreshActive(task);
    this.#charge(task);
  }

  /** Adds a task whose records are durable already. */
  restoreTask(task: HeldTask): void {
    this.tasks.set(task.record.id, task);
    this.refreshActive(task);
    this.#charge(task);
  }

  /** Keeps `active` true after a change of the task. */
  refreshActive(task: HeldTask): void {
    const key = taskKey(task.record.frameworkId, task.record.taskId);
    if (!isCompleted(task)) this.active.set(key, task);
    else if (this.active.get(key) === task) this.active.delete(key);
  }

  forgetTask(task: HeldTask): void {
    const { id, frameworkId } = task.record;
    this.tasks.delete(id);
    this.#dirty.delete(task);
    for (const kind of taskDeadlines) this.deadlines.delete(`${kind}:${id}`);
    this.persist({ type: "taskRemoved", id });
    for (const other of this.tasks.values()) if (other.record.frameworkId === frameworkId) return;
    if (this.frameworks.delete(frameworkId))
      this.persist({ type: "frameworkRemoved", frameworkId });
  }

  /** What tasks that are alive take from the machine, allocated to nobody. */
  used(): Resources {
    return this.#used;
  }

  /** Keeps `used` true after a change of the task. */
  #charge(task: HeldTask): void {
    if (isAlive(task) === this.#alive.has(task)) return;
    if (this.#alive.delete(task)) this.#used = this.#used.subtract(task.resources);
    else {
      this.#alive.add(task);
      this.#used = this.#used.add(task.resources);
    }
  }

  /** The entries, effects and the next deadline of the step that ends. */
  takeReady(): Ready<AgentEntry, AgentEffect> {
    const persist = this.#entries;
    const afterPersist = this.#effects;
    for (const { run } of this.#dirty) persist.push({ type: "taskChanged", run });
    this.#dirty.clear();
    this.#entries = [];
    this.#effects = [];
    const wakeAtMonoMs = this.deadlines.next();
    return wakeAtMonoMs === undefined
      ? { persist, afterPersist }
      : { persist, afterPersist, wakeAtMonoMs };
  }
}

/** Kinds of deadlines that belong to a task; the others are `dial`, `welcome`, `ping`, `post`, `acknowledge`. */
export const taskDeadlines = ["executor", "resend", "destroy", "collect"] as const;

/** Arms or cancels a deadline of a task. */
export function setTaskDeadline(
  agent: Agent,
  kind: (typeof taskDeadlines)[number],
  task: HeldTask,
  atMonoMs: number | undefined,
): void {
  const id = `${kind}:${task.record.id}`;
  if (atMonoMs === undefined) agent.deadlines.delete(id);
  else if (agent.deadlines.deadlineOf(id) !== atMonoMs) agent.deadlines.set(id, atMonoMs);
}

/** Names a task within its agent: ids hold no slash. */
export function taskKey(frameworkId: string, taskId: string): string {
  return `${frameworkId}/${taskId}`;
}

/** The deadline `delayMs` from now. */
export function inMs(delayMs: number, env: Env): number {
  return env.monoMs + delayMs;
}
