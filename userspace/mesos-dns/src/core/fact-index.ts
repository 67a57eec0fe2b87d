import type { AgentFact, Fact, MasterFact, TableChange, TaskFact } from "@tutti/discovery-v1";
import { givenName, StampTable, TaskNames, toLabel, toLabelRfc952, toLabels } from "@tutti/dns";
import { limits } from "./limits.ts";
import { taskHash } from "./task-hash.ts";

/** What answers rest on besides a base: one stamp each. No name is written so. */
export const stampKeys = {
  masters: "/masters",
  agents: "/agents",
  frameworks: "/frameworks",
  fixed: "/fixed",
};

/**
 * Facts by what a question can name: tasks under their base, frameworks under their labels, masters and agents.
 * Everything else is derived from a question when it is asked.
 */
export class FactIndex {
  readonly stamps = new StampTable();
  readonly masters = new Map<number, MasterFact>();
  readonly agents = new Map<string, AgentFact>();
  readonly names: TaskNames;
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
    this.label = label;
    this.names = new TaskNames({
      taskLabel: label,
      frameworkLabels: (name) => toLabels(name, label),
      entered: (task, base) => this.#entered(task, base),
      left: (task, base) => this.#left(task, base),
      frameworkChanged: () => {
        this.#dottedLabels = undefined;
        this.#touch(stampKeys.frameworks);
      },
    });
  }

  apply(change: TableChange): void {
    for (const key of change.remove) this.#remove(key);
    for (const fact of change.put) this.#put(fact);
  }

  replace(facts: Iterable<Fact>): void {
    this.masters.clear();
    this.agents.clear();
    this.names.clear();
    this.#cutCanonicals.clear();
    this.#suffixes.clear();
    this.#hashes = new WeakMap();
    this.#dottedLabels = undefined;
    for (const fact of facts) this.#put(fact);
    this.stamps.touchAll();
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
        this.names.putFramework(fact);
        return;
      case "task":
        this.names.putTask(fact);
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
        this.names.removeFramework(id);
        return;
      case "task":
        this.names.removeTask(key);
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

  #entered(task: TaskFact, base: string): void {
    this.#suffixes.get(base)?.set(this.suffixOf(task), task);
    if (isCut(base, task)) this.#cutCanonicals.set(this.#canonicalName(task, base), task);
    this.#touch(base);
  }

  #left(task: TaskFact, base: string): void {
    const bySuffix = this.#suffixes.get(base);
    bySuffix?.delete(this.suffixOf(task));
    if (bySuffix?.size === 0) this.#suffixes.delete(base);
    if (isCut(base, task)) this.#cutCanonicals.delete(this.#canonicalName(task, base));
    this.#touch(base);
  }

  #canonicalName(task: TaskFact, base: string): string {
    return this.canonicalLabel(task) + base.slice(base.indexOf("."));
  }

  #touch(key: string): void {
    this.stamps.touch(this.stamps.stampOf(key));
  }
}

/** `-i3abc-`, whatever the hash is. */
const HASH_AND_HYPHENS = 7;

function isCut(base: string, task: TaskFact): boolean {
  const tail = task.agentId.length - task.agentId.lastIndexOf("-") - 1;
  return base.indexOf(".") + HASH_AND_HYPHENS + tail > limits.labelLengthMax;
}
