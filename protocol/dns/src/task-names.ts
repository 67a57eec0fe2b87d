import { factKey, type FrameworkFact, type TaskFact } from "@tutti/discovery-v1";

/** How names of tasks and frameworks become labels. */
export interface LabelRules {
  /** The label of a task; "" when nothing of its name remains. */
  readonly taskLabel: (name: string) => string;
  /** The label or labels of a framework. */
  readonly frameworkLabels: (name: string) => string;
}

/** Tasks under one base: one, the common case, or a set of several. */
type Bucket = TaskFact | Set<TaskFact>;

/** How names become bases, and who is told. */
export interface TaskNamesOptions extends LabelRules {
  /** A task came under a base (`task.framework`). */
  readonly entered: (task: TaskFact, base: string) => void;
  readonly left: (task: TaskFact, base: string) => void;
  /** Something of a framework changed. */
  readonly frameworkChanged: () => void;
}

/**
 * Tasks by base: the labels of task and framework, under which all formats of its names are derived. A task whose framework
 * is not known, or whose name has nothing that a label can hold, has none.
 *
 * Invariant: after each change it is what it would be if all facts had come at once, in any order.
 */
export class TaskNames {
  readonly frameworks = new Map<string, FrameworkFact>();
  readonly tasks = new Map<string, TaskFact>();
  readonly #options: TaskNamesOptions;
  readonly #buckets = new Map<string, Bucket>();
  /** Frameworks by their labels; several when their names collapse. */
  readonly #frameworkIdsByLabels = new Map<string, Set<string>>();
  readonly #labelsByFrameworkId = new Map<string, string>();
  /** For a framework that is told after its tasks or changes its name. */
  readonly #tasksByFramework = new Map<string, Set<TaskFact>>();

  constructor(options: TaskNamesOptions) {
    this.#options = options;
  }

  /** Forgets everything; nobody is told. */
  clear(): void {
    this.frameworks.clear();
    this.tasks.clear();
    this.#buckets.clear();
    this.#frameworkIdsByLabels.clear();
    this.#labelsByFrameworkId.clear();
    this.#tasksByFramework.clear();
  }

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

  /** The labels of a task's framework; undefined while the framework is not known. */
  labelsOf(task: TaskFact): string | undefined {
    return this.#labelsByFrameworkId.get(task.frameworkId);
  }

  tasksAt(base: string): Iterable<TaskFact> {
    const bucket = this.#buckets.get(base);
    if (bucket === undefined) return [];
    return bucket instanceof Set ? bucket : [bucket];
  }

  /** Every base with its tasks. */
  *bases(): Iterable<readonly [string, readonly TaskFact[]]> {
    for (const [base, bucket] of this.#buckets) {
      yield [base, bucket instanceof Set ? [...bucket] : [bucket]];
    }
  }

  putFramework(fact: FrameworkFact): void {
    const labels = this.#options.frameworkLabels(fact.name);
    this.#options.frameworkChanged();
    if (this.#labelsByFrameworkId.get(fact.id) === labels) {
      this.frameworks.set(fact.id, fact);
      return;
    }
    this.removeFramework(fact.id);
    this.frameworks.set(fact.id, fact);
    if (labels === "") return;
    this.#labelsByFrameworkId.set(fact.id, labels);
    const ids = this.#frameworkIdsByLabels.get(labels) ?? new Set();
    this.#frameworkIdsByLabels.set(labels, ids.add(fact.id));
    for (const task of this.#tasksByFramework.get(fact.id) ?? []) this.#enter(task, labels);
  }

  removeFramework(id: string): void {
    if (!this.frameworks.delete(id)) return;
    this.#options.frameworkChanged();
    const labels = this.#labelsByFrameworkId.get(id);
    if (labels === undefined) return;
    for (const task of this.#tasksByFramework.get(id) ?? []) this.#leave(task, labels);
    this.#labelsByFrameworkId.delete(id);
    const ids = this.#frameworkIdsByLabels.get(labels);
    ids?.delete(id);
    if (ids?.size === 0) this.#frameworkIdsByLabels.delete(labels);
  }

  putTask(fact: TaskFact): void {
    const key = factKey(fact);
    this.removeTask(key);
    this.tasks.set(key, fact);
    const siblings = this.#tasksByFramework.get(fact.frameworkId);
    if (siblings === undefined) this.#tasksByFramework.set(fact.frameworkId, new Set([fact]));
    else siblings.add(fact);
    const labels = this.#labelsByFrameworkId.get(fact.frameworkId);
    if (labels !== undefined) this.#enter(fact, labels);
  }

  /** `key` is the fact's. */
  removeTask(key: string): void {
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
    const label = this.#options.taskLabel(givenName(task));
    if (label === "") return;
    const base = `${label}.${frameworkLabels}`;
    const bucket = this.#buckets.get(base);
    if (bucket === undefined) this.#buckets.set(base, task);
    else if (bucket instanceof Set) bucket.add(task);
    else this.#buckets.set(base, new Set([bucket, task]));
    this.#options.entered(task, base);
  }

  #leave(task: TaskFact, frameworkLabels: string): void {
    const label = this.#options.taskLabel(givenName(task));
    if (label === "") return;
    const base = `${label}.${frameworkLabels}`;
    const bucket = this.#buckets.get(base);
    if (bucket instanceof Set) {
      bucket.delete(task);
      const [last] = bucket;
      if (last !== undefined && bucket.size === 1) this.#buckets.set(base, last);
    } else this.#buckets.delete(base);
    this.#options.left(task, base);
  }
}

/** The name that names are made of: that of DiscoveryInfo, if it has one, as Mesos-DNS and dcos-net choose. */
export function givenName(task: TaskFact): string {
  return hasDiscoveryName(task) ? (task.discovery?.name ?? "") : task.name;
}

/** Whether DiscoveryInfo has a name: only then it counts, as in Mesos-DNS. */
export function hasDiscoveryName(task: TaskFact): boolean {
  return (task.discovery?.name ?? "") !== "";
}
