import type { TaskFact } from "@tutti/discovery-v1";
import { FactIndex, givenName, toLabel, toLabelRfc952, toLabels } from "@tutti/dns";
import { limits } from "./limits.ts";
import { taskHash } from "./task-hash.ts";

/** Facts by what a question of this zone can name. Everything else is derived from a question when it is asked. */
export class NameIndex extends FactIndex {
  /** Any text as a label, by the rules of this zone. */
  readonly label: (text: string) => string;
  /** Canonical names that had to be cut, because the label leaves no room for hash and agent. */
  readonly #cutCanonicals = new Map<string, TaskFact>();
  /** Tasks of a base by hash and agent, for bases that were asked for one. */
  readonly #suffixes = new Map<string, Map<string, TaskFact>>();
  #hashes = new WeakMap<TaskFact, string>();
  #dottedLabels: readonly string[] | undefined;

  constructor(options: { readonly enforceRfc952: boolean }) {
    const label = options.enforceRfc952 ? toLabelRfc952 : toLabel;
    super({ taskLabel: label, frameworkLabels: (name) => toLabels(name, label) });
    this.label = label;
  }

  /** Whether a framework's labels end in these, after a dot. */
  isAboveFramework(labels: string): boolean {
    this.#dottedLabels ??= [...this.names.frameworkLabels()].filter((one) => one.includes("."));
    return this.#dottedLabels.some((one) => one.endsWith(`.${labels}`));
  }

  /** The task under `base` with this hash and agent (`-i3abc-s12`). */
  taskAt(base: string, suffix: string): TaskFact | undefined {
    let bySuffix = this.#suffixes.get(base);
    if (bySuffix === undefined) {
      bySuffix = new Map();
      for (const task of this.names.tasksAt(base)) bySuffix.set(this.suffixOf(task), task);
      if (bySuffix.size > 0) this.#suffixes.set(base, bySuffix);
    }
    return bySuffix.get(suffix);
  }

  cutCanonical(name: string): TaskFact | undefined {
    return this.#cutCanonicals.get(name);
  }

  /** `task-<hash>-s<agent>`, at most 63 characters: the label gives way. */
  canonicalLabel(task: TaskFact): string {
    const suffix = this.suffixOf(task);
    const room = Math.max(0, limits.labelLengthMax - suffix.length);
    const head = this.label(givenName(task)).slice(0, room).replace(/-$/, "");
    return (head + suffix).slice(0, limits.labelLengthMax);
  }

  /** `-<hash>-s<agent>`. */
  suffixOf(task: TaskFact): string {
    const tail = task.agentId.slice(task.agentId.lastIndexOf("-") + 1);
    let hash = this.#hashes.get(task);
    if (hash === undefined) {
      hash = taskHash(task.taskId);
      this.#hashes.set(task, hash);
    }
    return `-${hash}-${toLabel(tail) || "s"}`;
  }

  protected override cleared(): void {
    this.#cutCanonicals.clear();
    this.#suffixes.clear();
    this.#hashes = new WeakMap();
    this.#dottedLabels = undefined;
  }

  protected override frameworkChanged(): void {
    this.#dottedLabels = undefined;
    super.frameworkChanged();
  }

  protected override taskEntered(task: TaskFact, base: string): void {
    this.#suffixes.get(base)?.set(this.suffixOf(task), task);
    if (isCut(base, task)) this.#cutCanonicals.set(this.#canonicalName(task, base), task);
    super.taskEntered(task, base);
  }

  protected override taskLeft(task: TaskFact, base: string): void {
    const bySuffix = this.#suffixes.get(base);
    bySuffix?.delete(this.suffixOf(task));
    if (bySuffix?.size === 0) this.#suffixes.delete(base);
    if (isCut(base, task)) this.#cutCanonicals.delete(this.#canonicalName(task, base));
    super.taskLeft(task, base);
  }

  #canonicalName(task: TaskFact, base: string): string {
    return this.canonicalLabel(task) + base.slice(base.indexOf("."));
  }
}

/** `-i3abc-`, whatever the hash is. */
const HASH_AND_HYPHENS = 7;

function isCut(base: string, task: TaskFact): boolean {
  const tail = task.agentId.length - task.agentId.lastIndexOf("-") - 1;
  return base.indexOf(".") + HASH_AND_HYPHENS + tail > limits.labelLengthMax;
}
