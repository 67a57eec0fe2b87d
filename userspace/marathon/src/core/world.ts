import { DeadlineQueue, formatTimestamp, parseTimestamp } from "@tutti/base";
import type { Env, Ready } from "@tutti/machine";
import type {
  MarathonEventBodies,
  MarathonEventType,
  PublishedEvent,
  VersionedApp,
} from "@tutti/marathon-v2";
import type { SchedulerCall } from "@tutti/mesos-v1";
import { Reconciler } from "@tutti/sdk/core";
import { AppState } from "./app-state.ts";
import { ClaimedNames } from "./claimed-names.ts";
import { Demand } from "./demand.ts";
import type { Instance } from "./instance.ts";
import { limits } from "./limits.ts";
import { appPath, deploymentPath, encodeRecord, instancePath, versionPath } from "./records.ts";
import type {
  AppRecord,
  Deployment,
  InstanceRecord,
  MarathonEntry,
  VersionRecord,
} from "./records.ts";
import type { ApiReply, MarathonEffect, MarathonOptions } from "./types.ts";

type AnyRecord = AppRecord | VersionRecord | InstanceRecord | Deployment;

/** The connection to the master, as far as decisions need it. */
export interface Connection {
  readonly connected: boolean;
  readonly frameworkId?: string;
  readonly masterUrl?: string;
  /** Why there is none. */
  readonly reason: string;
}

/** What a timer is for; the text after the colon names its object. */
export type TimerId =
  | `kill:${string}`
  | `unreachable:${string}`
  | `launch:${string}`
  | `delay:${string}`
  | `deployment:${string}`
  | "revive"
  | "reconcile"
  | "away";

/**
 * All that Marathon knows, and the outbox of the present step. Handlers change it only through these
 * methods, so that what is in memory and what is made durable cannot part.
 */
export class World {
  readonly options: MarathonOptions;
  readonly apps = new Map<string, AppState>();
  readonly deployments = new Map<string, Deployment>();
  /** The app of each task that is known. */
  readonly appOfTask = new Map<string, AppState>();
  /** Instances of apps that are gone, on agents that are away: killed when they return. */
  readonly orphans = new Map<string, Instance>();
  readonly timers = new DeadlineQueue<TimerId>();
  /** Where the next question about instances that are away goes on among them. Rule MAR50. */
  awayAsked = 0;
  readonly reconciler = new Reconciler();
  readonly demand: Demand;
  readonly names: ClaimedNames;
  readonly dirty = new Set<string>();
  connection: Connection = { connected: false, reason: "not subscribed yet" };
  #lastVersionMs = 0;
  #records = new Map<string, AnyRecord | undefined>();
  #effects: MarathonEffect[] = [];

  constructor(options: MarathonOptions) {
    this.options = options;
    this.demand = new Demand(options.roles);
    this.names = new ClaimedNames(options.frameworkName ?? "marathon");
  }

  /** Ends a step: what is to be made durable and done. */
  take(wakeAtMonoMs: number | undefined): Ready<MarathonEntry, MarathonEffect> {
    const persist: MarathonEntry[] = [];
    for (const [path, record] of this.#records) {
      persist.push(
        record === undefined
          ? { type: "delete", path }
          : { type: "put", path, value: encodeRecord(record) },
      );
    }
    const afterPersist = this.#effects;
    if (persist.length > 0) this.#records = new Map();
    this.#effects = [];
    return wakeAtMonoMs === undefined
      ? { persist, afterPersist }
      : { persist, afterPersist, wakeAtMonoMs };
  }

  /** Sends a call, if there is a stream. */
  call(call: SchedulerCall): void {
    if (this.connection.connected) this.#effects.push({ type: "call", call });
  }

  reply(requestId: number, reply: ApiReply): void {
    this.#effects.push({ type: "reply", requestId, reply });
  }

  publish<T extends MarathonEventType>(env: Env, eventType: T, body: MarathonEventBodies[T]): void {
    const timestamp = formatTimestamp(env.wallMs);
    // The mapped union and its member by name are the same type; the compiler cannot see it.
    const event = { ...body, eventType, timestamp } as unknown as PublishedEvent;
    this.#effects.push({ type: "publishEvent", event });
  }

  /** A new version: now, but later than any before. */
  nextVersion(env: Env): string {
    this.#lastVersionMs = Math.max(Math.floor(env.wallMs), this.#lastVersionMs + 1);
    return formatTimestamp(this.#lastVersionMs);
  }

  /** Makes sure that later versions are newer than this one. */
  noteVersion(version: string): void {
    this.#lastVersionMs = Math.max(this.#lastVersionMs, parseTimestamp(version) ?? 0);
  }

  /** Adds or replaces an app; `version` is a new definition that its record refers to. */
  putApp(record: AppRecord, version?: VersionedApp): AppState {
    const known = this.apps.get(record.id);
    const before = known?.configVersion;
    const app = known ?? new AppState(record);
    if (known === undefined) this.apps.set(record.id, app);
    if (version !== undefined) {
      app.versions.set(version.version, version);
      this.#records.set(versionPath(record.id, version.version), { schema: 1, app: version });
    }
    const isRedefined = known === undefined || known.record.version !== record.version;
    app.record = record;
    if (isRedefined) this.names.put(record.id, app.visible);
    if (before !== app.configVersion) app.recount();
    this.#records.set(appPath(record.id), record);
    this.dirty.add(record.id);
    return app;
  }

  removeVersion(app: AppState, version: string): void {
    app.versions.delete(version);
    this.forgetVersion(app.id, version);
  }

  /** Removes the record of a version whose app is gone. */
  forgetVersion(appId: string, version: string): void {
    this.#records.set(versionPath(appId, version), undefined);
  }

  /** Removes an app and its versions; instances whose agents are away become orphans. */
  removeApp(app: AppState): void {
    for (const instance of app.instances.values()) {
      const orphan: Instance = { ...instance, goal: "Decommissioned", lost: true };
      this.appOfTask.delete(instance.taskId);
      this.putOrphan(orphan);
    }
    this.#forgetOldOrphans();
    this.#records.set(appPath(app.id), undefined);
    for (const version of app.versions.keys()) this.forgetVersion(app.id, version);
    this.apps.delete(app.id);
    this.names.put(app.id, undefined);
    this.dirty.delete(app.id);
    this.timers.delete(`delay:${app.id}`);
  }

  /** The oldest go first. */
  #forgetOldOrphans(): void {
    for (const orphan of this.orphans.values()) {
      if (this.orphans.size <= limits.orphansMax) return;
      this.removeOrphan(orphan);
    }
  }

  /** Adds or replaces an instance whose app is gone. */
  putOrphan(orphan: Instance): void {
    this.orphans.set(orphan.taskId, orphan);
    this.#records.set(instancePath(orphan.id), { schema: 1, instance: orphan });
  }

  removeOrphan(orphan: Instance): void {
    this.orphans.delete(orphan.taskId);
    this.timers.delete(`kill:${orphan.taskId}`);
    this.#records.set(instancePath(orphan.id), undefined);
  }

  /** Adds or replaces an instance. */
  putInstance(app: AppState, instance: Instance): void {
    app.setInstance(instance.id, instance);
    this.appOfTask.set(instance.taskId, app);
    this.#records.set(instancePath(instance.id), { schema: 1, instance });
    this.dirty.add(app.id);
  }

  removeInstance(app: AppState, instance: Instance): void {
    app.setInstance(instance.id, undefined);
    this.appOfTask.delete(instance.taskId);
    this.#records.set(instancePath(instance.id), undefined);
    this.timers.delete(`kill:${instance.taskId}`);
    this.timers.delete(`unreachable:${instance.taskId}`);
    this.timers.delete(`launch:${instance.taskId}`);
    this.reconciler.answered(instance.taskId);
    this.dirty.add(app.id);
  }

  putDeployment(deployment: Deployment): void {
    this.deployments.set(deployment.id, deployment);
    this.#records.set(deploymentPath(deployment.id), deployment);
  }

  removeDeployment(deployment: Deployment): void {
    this.deployments.delete(deployment.id);
    this.#records.set(deploymentPath(deployment.id), undefined);
    this.timers.delete(`deployment:${deployment.id}`);
    for (const change of deployment.changes) this.dirty.add(change.app);
  }

  /** Deployments that change this app, the oldest first. */
  deploymentsOf(appId: string): readonly Deployment[] {
    return [...this.deployments.values()].filter((deployment) =>
      deployment.changes.some((change) => change.app === appId),
    );
  }

  /** The instance of a task id, with its app. */
  instanceOfTask(
    taskId: string,
  ): { readonly app: AppState; readonly instance: Instance } | undefined {
    const app = this.appOfTask.get(taskId);
    if (app === undefined) return undefined;
    for (const id of instanceIdCandidates(taskId)) {
      const instance = app.instances.get(id);
      if (instance?.taskId === taskId) return { app, instance };
    }
    return undefined;
  }

  /** Instances the API shows, of all apps or one. */
  *shownInstances(app: AppState): Iterable<Instance> {
    for (const instance of app.instances.values()) {
      if (instance.lost !== true) yield instance;
    }
  }

  /** Tasks whose agents are believed to be there, for reconciliation. */
  tasksToReconcile(): readonly { readonly taskId: string; readonly agentId: string }[] {
    const tasks = [...this.orphans.values()].map(({ taskId, agentId }) => ({ taskId, agentId }));
    for (const app of this.apps.values()) {
      for (const { taskId, agentId } of app.instances.values()) tasks.push({ taskId, agentId });
    }
    return tasks;
  }
}

/** `web.instance-X._app.1` belongs to `web.instance-X`. */
function instanceIdCandidates(taskId: string): readonly string[] {
  const cut = taskId.indexOf("._app.");
  return cut < 0 ? [taskId] : [taskId.slice(0, cut), taskId];
}
