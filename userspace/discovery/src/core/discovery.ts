import { assertNever } from "@tutti/base";
import type { HeldWithdrawal, Problem, TableVersion } from "@tutti/discovery-v1";
import type { Env, Machine, Ready } from "@tutti/machine";
import { limits } from "./limits.ts";
import { problemsOf } from "./problems.ts";
import { restoreFacts } from "./restore-facts.ts";
import { isSame } from "./table.ts";
import { takeMasterEvent, takeSnapshot } from "./take-master-event.ts";
import type { TaskKey } from "./task-keys.ts";
import type {
  ClusterEvent,
  DiscoveryDurable,
  DiscoveryEffect,
  DiscoveryEntry,
  DiscoveryEvent,
} from "./types.ts";
import { World } from "./world.ts";

/**
 * Derives names, virtual IPs and backends from what the leading master tells, as versioned differences.
 *
 * Invariant: a fact is published only after the addresses in it are durable.
 * Invariant: what a young master does not show stays; what it says is lost stays while it is too much at once.
 */
export class Discovery implements Machine<
  DiscoveryEvent,
  DiscoveryEntry,
  DiscoveryEffect,
  DiscoveryDurable
> {
  readonly #world: World;
  #version: TableVersion = { epoch: 0, sequence: 0 };
  #effects: DiscoveryEffect[] = [];
  #isListening = false;
  #hasKept = false;
  #lastSnapshotMonoMs: number | undefined;
  #snapshotAtMonoMs: number | undefined;
  #held: HeldWithdrawal | undefined;
  /** Counts of what is known, for metrics. */
  get counts(): {
    readonly tasks: number;
    readonly unconfirmed: number;
    readonly agents: number;
    readonly vips: number;
    readonly backends: number;
    readonly names: number;
  } {
    const { cluster, vips, pool } = this.#world;
    return {
      tasks: cluster.tasks.size,
      unconfirmed: cluster.unconfirmed.size,
      agents: cluster.agents.size,
      vips: vips.size,
      backends: vips.backends,
      names: pool.size,
    };
  }

  /** `nameServers`: addresses of DNS servers that machines ask: no VIP may take them. */
  constructor(nameServers: readonly string[] = []) {
    this.#world = new World(nameServers);
  }

  get version(): TableVersion {
    return this.#version;
  }

  /** Whether a table can be given out: one was kept, or a master has spoken. */
  get isReady(): boolean {
    return this.#lastSnapshotMonoMs !== undefined || this.#hasKept;
  }

  /** How many backends a task is. */
  backendsOf(key: TaskKey): number {
    const known = this.#world.cluster.tasks.get(key);
    return known === undefined ? 0 : this.#world.vips.backendsOf(known);
  }

  /** What is wrong with definitions, of all tasks or of some. */
  problems(filter: {
    readonly frameworkId?: string;
    readonly taskId?: string;
    readonly name?: string;
  }): readonly Problem[] {
    return problemsOf(this.#world, filter);
  }

  recover(durable: DiscoveryDurable, env: Env): Ready<DiscoveryEntry, DiscoveryEffect> {
    this.#version = { epoch: durable.epoch, sequence: 0 };
    this.#hasKept = durable.facts.length > 0;
    for (const { name, address } of durable.names) this.#world.pool.restore(name, address);
    restoreFacts(this.#world, durable.facts, env.monoMs);
    return this.#ready(env);
  }

  step(event: DiscoveryEvent, env: Env): Ready<DiscoveryEntry, DiscoveryEffect> {
    switch (event.type) {
      case "masters":
        this.#world.putMasters(event.masters, event.leader);
        break;
      case "master":
        this.#master(event.event, env);
        break;
      case "masterLost":
        this.#isListening = false;
        this.#world.absences.clear();
        break;
      case "release":
        for (const key of this.#world.losses.keys) this.#world.withdrawTask(key, env);
        this.#world.losses.forgetRecent();
        break;
      case "wake":
        break;
      default:
        assertNever(event);
    }
    return this.#ready(env);
  }

  #master(event: ClusterEvent, env: Env): void {
    if (event.type !== "snapshot") {
      if (takeMasterEvent(this.#world, event, env) === "soon")
        this.#wantSnapshot(env.monoMs + limits.agentReturnMs);
      return;
    }
    this.#isListening = true;
    this.#lastSnapshotMonoMs = env.monoMs;
    this.#snapshotAtMonoMs = undefined;
    const stated = takeSnapshot(this.#world, event, env);
    const { losses, cluster } = this.#world;
    if (losses.canConfirm(env.monoMs)) this.#confirm(stated, env);
    if (cluster.unconfirmed.size > 0) this.#wantSnapshot(env.monoMs + limits.snapshotIntervalMs);
  }

  /** A snapshot states again what is held: it is believed, and does not count against what comes later. */
  #confirm(stated: ReadonlySet<TaskKey>, env: Env): void {
    const { losses } = this.#world;
    const confirmed = losses.keys.filter((key) => stated.has(key));
    for (const key of confirmed) this.#world.withdrawTask(key, env);
    if (confirmed.length > 0) losses.forgetRecent();
  }

  #wantSnapshot(atMonoMs: number): void {
    const earliest = (this.#lastSnapshotMonoMs ?? -Infinity) + limits.snapshotIntervalMsMin;
    const at = Math.max(atMonoMs, earliest);
    this.#snapshotAtMonoMs = Math.min(this.#snapshotAtMonoMs ?? Infinity, at);
  }

  /** What follows from time alone, and then everything that this step changed. */
  #ready(env: Env): Ready<DiscoveryEntry, DiscoveryEffect> {
    this.#passTime(env);
    const world = this.#world;
    for (const key of world.losses.settle(world.whole, env)) world.withdrawTask(key, env);
    world.forgetGoneAgents();
    world.vips.stageChanges(world.table, env.monoMs);
    this.#forgetNames();
    this.#publish();
    this.#tellHeld(env);
    const persist = world.entries;
    const afterPersist = this.#effects;
    world.entries = [];
    this.#effects = [];
    const wakeAtMonoMs = this.#nextDeadline();
    return wakeAtMonoMs === undefined
      ? { persist, afterPersist }
      : { persist, afterPersist, wakeAtMonoMs };
  }

  #passTime(env: Env): void {
    if (!this.#isListening) return;
    for (const id of this.#world.absences.takeDue(env.monoMs)) this.#giveUp(id, env);
    if (this.#snapshotAtMonoMs === undefined || env.monoMs < this.#snapshotAtMonoMs) return;
    this.#snapshotAtMonoMs = undefined;
    this.#isListening = false;
    const reason = `${this.#world.cluster.unconfirmed.size} tasks are to be confirmed`;
    this.#effects.push({ type: "resubscribe", reason });
  }

  /** An agent or framework has not come back in the time that a master gives it. */
  #giveUp(id: string, env: Env): void {
    const [kind = "", ...rest] = id.split("/");
    const name = rest.join("/");
    if (kind === "agent") this.#world.dropAgent(name, "its agent did not come back", env);
    else if (this.#world.cluster.tasksOfFramework(name).length === 0)
      this.#world.removeFramework(name);
  }

  #publish(): void {
    const { table } = this.#world;
    const change = table.commit();
    const drained = [...this.#world.drained];
    this.#world.drained = new Set();
    if (change === undefined) return;
    this.#version = { epoch: this.#version.epoch, sequence: this.#version.sequence + 1 };
    this.#effects.push({ type: "publish", version: this.#version, change, drained });
  }

  #tellHeld(env: Env): void {
    const { losses, whole } = this.#world;
    const held = losses.held(whole);
    if (held !== undefined && this.#snapshotAtMonoMs === undefined)
      this.#wantSnapshot(
        losses.canConfirm(env.monoMs)
          ? env.monoMs + limits.snapshotIntervalMs
          : losses.confirmAtMonoMs,
      );
    if (isSame(held, this.#held)) return;
    this.#held = held;
    this.#effects.push({ type: "held", held });
  }

  /** Addresses of names that nobody uses are kept as long as there is room. */
  #forgetNames(): void {
    const { pool, vips, entries } = this.#world;
    if (pool.size <= limits.namesKeptMax) return;
    const used = new Set(vips.names());
    const fresh = new Set(entries.map(({ name }) => name));
    let excess = pool.size - limits.namesKeptMax + limits.namesForgottenAtOnce;
    for (const name of [...pool.names]) {
      if (excess <= 0) return;
      if (used.has(name) || fresh.has(name)) continue;
      pool.forget(name);
      entries.push({ type: "removeName", name });
      excess -= 1;
    }
  }

  #nextDeadline(): number | undefined {
    const { losses, vips, absences } = this.#world;
    const deadlines = [
      losses.settleAtMonoMs,
      vips.nextDeadlineMs(),
      this.#isListening ? absences.next() : undefined,
      this.#isListening ? this.#snapshotAtMonoMs : undefined,
    ].filter((deadline) => deadline !== undefined);
    return deadlines.length === 0 ? undefined : Math.min(...deadlines);
  }
}
