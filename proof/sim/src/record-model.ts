import type { VersionedApp } from "@tutti/marathon-v2";
import { recordPaths } from "@tutti/marathon/core";
import type { Deployment, Instance } from "@tutti/marathon/core";
import type { Cluster } from "@tutti/simulator";
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
  /** The instances of an app before the commit: reckoned back, for few commits are asked. */
  readonly instancesBefore: (appId: string) => readonly Instance[];
}

/** A write of one record; without a value it was removed. */
export interface RecordChange {
  readonly path: string;
  readonly value?: Uint8Array;
}

/**
 * Marathon's state as its records say it: what a checker knows does not come from the maps of the
 * process it judges. Fed from the commits of the store it is what is durable; fed from each step's
 * entries it is what was decided.
 */
export class RecordModel {
  readonly apps = new Map<string, DurableApp>();
  readonly instances = new Map<string, Instance>();
  readonly byApp = new Map<string, Map<string, Instance>>();
  readonly byTask = new Map<string, Instance>();
  readonly deployments = new Map<string, Deployment>();
  /** Every task that was ever durable. */
  readonly tasksEver = new Set<string>();
  readonly #versions = new Map<string, VersionedApp>();
  readonly #paths = new Map<string, string>();
  readonly #listeners: ((commit: Commit) => void)[] = [];

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

  /** Begins anew from these records. */
  reset(records: readonly RecordChange[]): void {
    this.apps.clear();
    this.instances.clear();
    this.byApp.clear();
    this.byTask.clear();
    this.deployments.clear();
    this.apply(records, { quietly: true });
  }

  /** Takes one commit in; the listeners are told unless it is done quietly. */
  apply(changes: readonly RecordChange[], { quietly }: { readonly quietly?: boolean } = {}): void {
    if (changes.length === 0) return;
    const touched = new Set<string>();
    const appsBefore = new Map<string, DurableApp | undefined>();
    const isWatched = quietly !== true && this.#listeners.length > 0;
    const touch = (appId: string): void => {
      if (!isWatched || touched.has(appId)) return;
      touched.add(appId);
      appsBefore.set(appId, this.apps.get(appId));
    };
    const instances: InstanceChange[] = [];
    // Versions first: a commit may bring an app and the version it names in any order.
    for (const change of changes) {
      if (change.path.startsWith(recordPaths.versions)) this.#putVersion(change);
    }
    for (const change of changes) {
      if (change.path.startsWith(recordPaths.apps)) this.#putApp(change, touch);
      else if (change.path.startsWith(recordPaths.deployments)) this.#putDeployment(change);
    }
    for (const change of changes) {
      if (change.path.startsWith(recordPaths.instances)) {
        instances.push(this.#putInstance(change, touch));
      }
    }
    if (touched.size === 0) return;
    const instancesBefore = (appId: string): readonly Instance[] =>
      this.#instancesBefore(appId, instances);
    for (const listener of this.#listeners) listener({ instances, appsBefore, instancesBefore });
  }

  #instancesBefore(appId: string, changes: readonly InstanceChange[]): readonly Instance[] {
    const instances = new Map(this.byApp.get(appId));
    for (const { before, after } of changes.toReversed()) {
      if (after?.appId === appId) instances.delete(after.id);
      if (before?.appId === appId) instances.set(before.id, before);
    }
    return [...instances.values()];
  }

  /** Versions are never changed, and stay known here after they were collected. */
  #putVersion(change: RecordChange): void {
    const record = read<{ readonly app: VersionedApp }>(change);
    if (record !== undefined)
      this.#versions.set(`${record.app.id} ${record.app.version}`, record.app);
  }

  #putApp(change: RecordChange, touch: (appId: string) => void): void {
    const { path } = change;
    const record = read<DurableApp>(change);
    const id = record?.id ?? this.#paths.get(path);
    if (id === undefined) return;
    touch(id);
    this.#paths.set(path, id);
    if (record === undefined) this.apps.delete(id);
    else this.apps.set(id, record);
  }

  #putDeployment(change: RecordChange): void {
    const { path } = change;
    const deployment = read<Deployment>(change);
    if (deployment === undefined) {
      this.deployments.delete(path.slice(recordPaths.deployments.length));
    } else this.deployments.set(deployment.id, deployment);
  }

  #putInstance(change: RecordChange, touch: (appId: string) => void): InstanceChange {
    const { path } = change;
    const id = path.slice(recordPaths.instances.length);
    const before = this.instances.get(id);
    const after = read<{ readonly instance: Instance }>(change)?.instance;
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

/** What is durable in a store, from its commits. */
export function modelOfStore(store: SimulatedEnsemble): RecordModel {
  const model = new RecordModel();
  store.watch((paths) => {
    model.apply(
      paths.map((path) => {
        const record = store.read(path);
        return record === undefined ? { path } : { path, value: record.value };
      }),
    );
  });
  return model;
}

/** What Marathon has decided, durable or not, from each of its steps. */
export function modelOfDecisions(cluster: Pick<Cluster, "addObserver">): RecordModel {
  const model = new RecordModel();
  cluster.addObserver(
    (observation) => {
      if (observation.type === "marathonRecovers") model.reset(observation.records);
      else if (observation.type === "marathonStepped") model.apply(observation.entries);
    },
    ["marathonRecovers", "marathonStepped"],
  );
  return model;
}

/** What was read of some bytes: the same bytes are decided, made durable and recovered from. */
const parsed = new WeakMap<Uint8Array, unknown>();

function read<T>({ value }: RecordChange): T | undefined {
  if (value === undefined) return undefined;
  const known = parsed.get(value);
  if (known !== undefined) return known as T;
  const text = Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString();
  const draft = JSON.parse(text) as T;
  parsed.set(value, draft);
  return draft;
}
