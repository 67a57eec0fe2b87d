import { utf8Decode } from "@tutti/base";
import type { VersionedApp } from "@tutti/marathon-v2";
import { recordPaths } from "@tutti/marathon/core";
import type { Deployment, Instance } from "@tutti/marathon/core";
import type { SimulatedEnsemble } from "@tutti/testkit";

/** What is durable of an app, apart from its versions. */
export interface DurableApp {
  readonly id: string;
  readonly version?: string;
  readonly applied: {
    readonly version: string;
    readonly instances: number;
    readonly rolling: boolean;
  };
}

/** One instance before and after a commit. */
export interface InstanceChange {
  readonly before: Instance | undefined;
  readonly after: Instance | undefined;
}

/** What one commit changed. `apps` holds the records before it, of the apps it touched. */
export interface Commit {
  readonly instances: readonly InstanceChange[];
  readonly appsBefore: ReadonlyMap<string, DurableApp | undefined>;
  /** Instances of the touched apps before the commit. */
  readonly before: ReadonlyMap<string, readonly Instance[]>;
}

/**
 * Marathon's durable state, kept up to date from the commits of its store and from nothing else: what
 * a checker knows does not come from the memory of the process it judges.
 */
export class DurableModel {
  readonly apps = new Map<string, DurableApp>();
  readonly instances = new Map<string, Instance>();
  readonly byApp = new Map<string, Map<string, Instance>>();
  readonly byTask = new Map<string, Instance>();
  readonly deployments = new Map<string, Deployment>();
  /** Every task that was ever durable. */
  readonly tasksEver = new Set<string>();
  readonly #versions = new Map<string, VersionedApp>();
  readonly #paths = new Map<string, string>();
  readonly #store: SimulatedEnsemble;
  readonly #listeners: ((commit: Commit) => void)[] = [];

  constructor(store: SimulatedEnsemble) {
    this.#store = store;
    store.watch((paths) => this.#committed(paths));
  }

  /** Calls `listener` after each commit that touched apps or instances. */
  onCommit(listener: (commit: Commit) => void): void {
    this.#listeners.push(listener);
  }

  /** The definition users see. */
  visible(appId: string): VersionedApp | undefined {
    const version = this.apps.get(appId)?.version;
    return version === undefined ? undefined : this.version(appId, version);
  }

  version(appId: string, version: string): VersionedApp | undefined {
    return this.#versions.get(`${appId} ${version}`);
  }

  instancesOf(appId: string): readonly Instance[] {
    return [...(this.byApp.get(appId)?.values() ?? [])];
  }

  #committed(paths: readonly string[]): void {
    const touched = new Set<string>();
    const appsBefore = new Map<string, DurableApp | undefined>();
    const before = new Map<string, readonly Instance[]>();
    const touch = (appId: string): void => {
      if (touched.has(appId)) return;
      touched.add(appId);
      appsBefore.set(appId, this.apps.get(appId));
      before.set(appId, this.instancesOf(appId));
    };
    const changes: InstanceChange[] = [];
    // Versions first: a commit may bring an app and the version it names in any order.
    for (const path of paths) if (path.startsWith(recordPaths.versions)) this.#putVersion(path);
    for (const path of paths) {
      if (path.startsWith(recordPaths.apps)) this.#putApp(path, touch);
      else if (path.startsWith(recordPaths.deployments)) this.#putDeployment(path);
    }
    for (const path of paths) {
      if (path.startsWith(recordPaths.instances)) changes.push(this.#putInstance(path, touch));
    }
    if (touched.size === 0) return;
    for (const listener of this.#listeners) listener({ instances: changes, appsBefore, before });
  }

  #read<T>(path: string): T | undefined {
    const record = this.#store.read(path);
    return record === undefined ? undefined : (JSON.parse(utf8Decode(record.value)) as T);
  }

  /** Versions are never changed, and stay known here after they were collected. */
  #putVersion(path: string): void {
    const record = this.#read<{ readonly app: VersionedApp }>(path);
    if (record !== undefined)
      this.#versions.set(`${record.app.id} ${record.app.version}`, record.app);
  }

  #putApp(path: string, touch: (appId: string) => void): void {
    const record = this.#read<DurableApp>(path);
    const id = record?.id ?? this.#paths.get(path);
    if (id === undefined) return;
    touch(id);
    this.#paths.set(path, id);
    if (record === undefined) this.apps.delete(id);
    else this.apps.set(id, record);
  }

  #putDeployment(path: string): void {
    const deployment = this.#read<Deployment>(path);
    if (deployment === undefined) {
      this.deployments.delete(path.slice(recordPaths.deployments.length));
    } else this.deployments.set(deployment.id, deployment);
  }

  #putInstance(path: string, touch: (appId: string) => void): InstanceChange {
    const id = path.slice(recordPaths.instances.length);
    const before = this.instances.get(id);
    const after = this.#read<{ readonly instance: Instance }>(path)?.instance;
    const appId = after?.appId ?? before?.appId;
    if (appId === undefined) return { before, after };
    touch(appId);
    let ofApp = this.byApp.get(appId);
    if (ofApp === undefined) {
      ofApp = new Map();
      this.byApp.set(appId, ofApp);
    }
    if (after === undefined) {
      this.instances.delete(id);
      ofApp.delete(id);
      if (before !== undefined) this.byTask.delete(before.taskId);
    } else {
      this.instances.set(id, after);
      ofApp.set(id, after);
      this.byTask.set(after.taskId, after);
      this.tasksEver.add(after.taskId);
    }
    return { before, after };
  }
}
