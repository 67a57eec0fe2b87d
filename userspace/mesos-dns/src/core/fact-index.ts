import {
  factKey,
  type AgentFact,
  type Fact,
  type FrameworkFact,
  type MasterFact,
  type TableChange,
  type TaskFact,
} from "@tutti/discovery-v1";
import { StampTable, toLabel, toLabelRfc952, toLabels } from "@tutti/dns";
import { limits } from "./limits.ts";
import { taskHash } from "./task-hash.ts";

/** What answers rest on besides a base: one stamp each. */
export const stampKeys = { masters: "/masters", agents: "/agents", frameworks: "/frameworks" };

/** One task or several, under one base. A single task, the common case, costs nothing more. */
type Bucket = TaskFact | SharedBucket;

/**
 * Facts by what a question can name: tasks under their base (`task.framework`, both as labels), frameworks under their
 * labels, and masters and agents. Everything else is derived from a question when it is asked.
 *
 * Invariant: after each change the index is what it would be if all facts had come at once, in any order.
 */
export class FactIndex {
  readonly stamps: StampTable;
  readonly masters = new Map<number, MasterFact>();
  readonly agents = new Map<string, AgentFact>();
  readonly frameworks = new Map<string, FrameworkFact>();
  readonly tasks = new Map<string, TaskFact>();
  readonly #label: (text: string) => string;
  readonly #buckets = new Map<string, Bucket>();
  /** Frameworks by their labels; several when their names collapse. */
  readonly #frameworkIdsByLabels = new Map<string, Set<string>>();
  readonly #labelsByFrameworkId = new Map<string, string>();
  /** Tasks by framework, for one that is told after its tasks or changes its name. */
  readonly #tasksByFramework = new Map<string, Set<TaskFact>>();
  /** Canonical names that had to be cut, because the label is too long for hash and agent beside it. */
  readonly #cutCanonicals = new Map<string, TaskFact>();
  #dottedLabels: readonly string[] = [];
  #hashes = new WeakMap<TaskFact, string>();

  constructor(options: { readonly enforceRfc952: boolean; readonly stamps?: StampTable }) {
    this.#label = options.enforceRfc952 ? toLabelRfc952 : toLabel;
    this.stamps = options.stamps ?? new StampTable();
  }

  apply(change: TableChange): void {
    for (const key of change.remove) this.#remove(key);
    for (const fact of change.put) this.#put(fact);
  }

  replace(facts: Iterable<Fact>): void {
    for (const map of [this.masters, this.agents, this.frameworks, this.tasks]) map.clear();
    this.#buckets.clear();
    this.#frameworkIdsByLabels.clear();
    this.#labelsByFrameworkId.clear();
    this.#tasksByFramework.clear();
    this.#cutCanonicals.clear();
    this.#dottedLabels = [];
    this.#hashes = new WeakMap();
    for (const fact of facts) this.#put(fact);
    this.stamps.touchAll();
  }

  /** Whether a framework has these labels. */
  hasFramework(labels: string): boolean {
    return this.#frameworkIdsByLabels.has(labels);
  }

  frameworksOf(labels: string): FrameworkFact[] {
    return [...(this.#frameworkIdsByLabels.get(labels) ?? [])].flatMap((id) => {
      const fact = this.frameworks.get(id);
      return fact === undefined ? [] : [fact];
    });
  }

  /** All labels that frameworks have. */
  frameworkLabels(): Iterable<string> {
    return this.#frameworkIdsByLabels.keys();
  }

  /** The labels of a task's framework; undefined while the framework is not known: then the task has no names. */
  labelsOf(task: TaskFact): string | undefined {
    return this.#labelsByFrameworkId.get(task.frameworkId);
  }

  tasksAt(base: string): Iterable<TaskFact> {
    const bucket = this.#buckets.get(base);
    if (bucket === undefined) return [];
    return bucket instanceof SharedBucket ? bucket.tasks : [bucket];
  }

  /** The task under `base` whose hash and agent are in `suffix` (`-i3abc-s12`). */
  taskAt(base: string, suffix: string): TaskFact | undefined {
    const bucket = this.#buckets.get(base);
    if (bucket instanceof SharedBucket) return bucket.find(suffix);
    return bucket !== undefined && this.suffixOf(bucket) === suffix ? bucket : undefined;
  }

  cutCanonical(name: string): TaskFact | undefined {
    return this.#cutCanonicals.get(name);
  }

  /** Bases with more than one task, for problems. */
  *sharedBases(): Iterable<readonly [string, ReadonlySet<TaskFact>]> {
    for (const [base, bucket] of this.#buckets) {
      if (bucket instanceof SharedBucket) yield [base, bucket.tasks];
    }
  }

  /** Every base with its tasks. */
  *bases(): Iterable<Iterable<TaskFact>> {
    for (const bucket of this.#buckets.values()) {
      yield bucket instanceof SharedBucket ? bucket.tasks : [bucket];
    }
  }

  /** Whether a framework's labels end in these, after a dot. */
  isAboveFramework(labels: string): boolean {
    return this.#dottedLabels.some((one) => one.endsWith(`.${labels}`));
  }

  label(text: string): string {
    return this.#label(text);
  }

  /** `task-<hash>-s<agent>`, at most 63 characters: the label gives way. */
  canonicalLabel(task: TaskFact): string {
    const suffix = this.suffixOf(task);
    const label = this.#label(givenName(task));
    const head = label.slice(0, Math.max(0, limits.labelLengthMax - suffix.length));
    return (head.replace(/-$/, "") + suffix).slice(0, limits.labelLengthMax);
  }

  /** `-<hash>-s<agent>`. */
  suffixOf(task: TaskFact): string {
    const tail = task.agentId.slice(task.agentId.lastIndexOf("-") + 1);
    return `-${this.#hashOf(task)}-${toLabel(tail)}`;
  }

  #hashOf(task: TaskFact): string {
    let hash = this.#hashes.get(task);
    if (hash === undefined) {
      hash = taskHash(task.taskId);
      this.#hashes.set(task, hash);
    }
    return hash;
  }

  #put(fact: Fact): void {
    switch (fact.kind) {
      case "master":
        this.masters.set(fact.index, fact);
        this.#touch(stampKeys.masters);
        return;
      case "agent":
        this.#putAgent(fact);
        return;
      case "framework":
        this.#putFramework(fact);
        return;
      case "task":
        this.#putTask(fact);
        return;
      case "vip":
        return;
      default:
      // A kind of a later release: it has no names here.
    }
  }

  #remove(key: string): void {
    const slash = key.indexOf("/");
    const id = key.slice(slash + 1);
    switch (key.slice(0, slash)) {
      case "master":
        this.masters.delete(Number(id));
        this.#touch(stampKeys.masters);
        return;
      case "agent":
        if (this.agents.delete(id)) this.stamps.touchAll();
        return;
      case "framework":
        this.#removeFramework(id);
        return;
      case "task":
        this.#removeTask(key);
        return;
      default:
    }
  }

  /** An agent's address stands in the answers of all its tasks. */
  #putAgent(fact: AgentFact): void {
    const before = this.agents.get(fact.id);
    this.agents.set(fact.id, fact);
    if (before?.address !== fact.address || before.port !== fact.port) this.stamps.touchAll();
  }

  #putFramework(fact: FrameworkFact): void {
    const labels = toLabels(fact.name, this.#label);
    this.#touch(stampKeys.frameworks);
    if (this.#labelsByFrameworkId.get(fact.id) === labels) {
      this.frameworks.set(fact.id, fact);
      return;
    }
    this.#removeFramework(fact.id);
    this.frameworks.set(fact.id, fact);
    if (labels === "") return;
    this.#labelsByFrameworkId.set(fact.id, labels);
    const ids = this.#frameworkIdsByLabels.get(labels) ?? new Set();
    this.#frameworkIdsByLabels.set(labels, ids.add(fact.id));
    this.#noteDotted();
    for (const task of this.#tasksByFramework.get(fact.id) ?? []) this.#enter(task, labels);
  }

  #removeFramework(id: string): void {
    if (!this.frameworks.delete(id)) return;
    this.#touch(stampKeys.frameworks);
    const labels = this.#labelsByFrameworkId.get(id);
    if (labels === undefined) return;
    for (const task of this.#tasksByFramework.get(id) ?? []) this.#leave(task, labels);
    this.#labelsByFrameworkId.delete(id);
    const ids = this.#frameworkIdsByLabels.get(labels);
    ids?.delete(id);
    if (ids?.size === 0) this.#frameworkIdsByLabels.delete(labels);
    this.#noteDotted();
  }

  #noteDotted(): void {
    this.#dottedLabels = [...this.#frameworkIdsByLabels.keys()].filter((one) => one.includes("."));
  }

  #putTask(fact: TaskFact): void {
    const key = factKey(fact);
    this.#removeTask(key);
    this.tasks.set(key, fact);
    const siblings = this.#tasksByFramework.get(fact.frameworkId);
    if (siblings === undefined) this.#tasksByFramework.set(fact.frameworkId, new Set([fact]));
    else siblings.add(fact);
    const labels = this.#labelsByFrameworkId.get(fact.frameworkId);
    if (labels !== undefined) this.#enter(fact, labels);
  }

  #removeTask(key: string): void {
    const fact = this.tasks.get(key);
    if (fact === undefined) return;
    this.tasks.delete(key);
    const siblings = this.#tasksByFramework.get(fact.frameworkId);
    siblings?.delete(fact);
    if (siblings?.size === 0) this.#tasksByFramework.delete(fact.frameworkId);
    const labels = this.#labelsByFrameworkId.get(fact.frameworkId);
    if (labels !== undefined) this.#leave(fact, labels);
  }

  #enter(task: TaskFact, frameworkLabels: string): void {
    const label = this.#label(givenName(task));
    if (label === "") return;
    const base = `${label}.${frameworkLabels}`;
    const bucket = this.#buckets.get(base);
    if (bucket === undefined) this.#buckets.set(base, task);
    else if (bucket instanceof SharedBucket) bucket.add(task);
    else this.#buckets.set(base, new SharedBucket([bucket, task], (one) => this.suffixOf(one)));
    if (isCut(label, task))
      this.#cutCanonicals.set(`${this.canonicalLabel(task)}.${frameworkLabels}`, task);
    this.#touch(base);
  }

  #leave(task: TaskFact, frameworkLabels: string): void {
    const label = this.#label(givenName(task));
    if (label === "") return;
    const base = `${label}.${frameworkLabels}`;
    const bucket = this.#buckets.get(base);
    if (bucket instanceof SharedBucket) {
      bucket.delete(task);
      const [last] = bucket.tasks;
      if (last !== undefined && bucket.tasks.size === 1) this.#buckets.set(base, last);
    } else this.#buckets.delete(base);
    if (isCut(label, task))
      this.#cutCanonicals.delete(`${this.canonicalLabel(task)}.${frameworkLabels}`);
    this.#touch(base);
  }

  #touch(key: string): void {
    this.stamps.touch(this.stamps.stampOf(key));
  }
}

/** The name that names are made of: that of DiscoveryInfo, if it has one. */
export function givenName(task: TaskFact): string {
  return hasDiscoveryName(task) ? (task.discovery?.name ?? "") : task.name;
}

/** Whether DiscoveryInfo decides about ports and names, as in Mesos-DNS: when it has a name. */
export function hasDiscoveryName(task: TaskFact): boolean {
  return (task.discovery?.name ?? "") !== "";
}

/** `-i3abc-s1`, whatever the hash is. */
const SUFFIX_LENGTH_MIN = "-xxxxx-".length;

function isCut(label: string, task: TaskFact): boolean {
  const tail = task.agentId.length - task.agentId.lastIndexOf("-") - 1;
  return label.length + SUFFIX_LENGTH_MIN + tail > limits.labelLengthMax;
}

/** Several tasks under one base. Those with hash and agent are noted once somebody asks for one. */
class SharedBucket {
  readonly tasks: Set<TaskFact>;
  readonly #suffixOf: (task: TaskFact) => string;
  #bySuffix: Map<string, TaskFact> | undefined;

  constructor(tasks: readonly TaskFact[], suffixOf: (task: TaskFact) => string) {
    this.tasks = new Set(tasks);
    this.#suffixOf = suffixOf;
  }

  add(task: TaskFact): void {
    this.tasks.add(task);
    this.#bySuffix?.set(this.#suffixOf(task), task);
  }

  delete(task: TaskFact): void {
    this.tasks.delete(task);
    this.#bySuffix?.delete(this.#suffixOf(task));
  }

  find(suffix: string): TaskFact | undefined {
    this.#bySuffix ??= new Map([...this.tasks].map((task) => [this.#suffixOf(task), task]));
    return this.#bySuffix.get(suffix);
  }
}
