import type {
  AgentFact,
  Fact,
  MasterFact,
  TableChange,
  TaskFact,
  VipFact,
} from "@tutti/discovery-v1";
import { TaskNames, type LabelRules } from "./task-names.ts";
import { StampTable } from "./zone.ts";

/** What answers rest on besides a base: one stamp each. No name is written so. */
export const stampKeys = {
  masters: "/masters",
  agents: "/agents",
  frameworks: "/frameworks",
  fixed: "/fixed",
} as const;

/**
 * Discovery's facts by what a question can name: tasks under their base, frameworks under their labels, masters and
 * agents. A zone extends it by what else it looks for, and touches the stamps of that.
 *
 * Invariant: after each change it is what it would be if all facts had come at once, and the stamps of every answer
 * that changed have moved.
 */
export class FactIndex {
  readonly stamps = new StampTable();
  readonly masters = new Map<number, MasterFact>();
  readonly agents = new Map<string, AgentFact>();
  readonly names: TaskNames;
  #isTold = false;

  constructor(rules: LabelRules) {
    this.names = new TaskNames({
      ...rules,
      entered: (task, base) => this.taskEntered(task, base),
      left: (task, base) => this.taskLeft(task, base),
      frameworkChanged: () => this.frameworkChanged(),
    });
  }

  /** Whether any table was told yet, an empty one too: before that nothing is known, not even that a name is not there. */
  get isTold(): boolean {
    return this.#isTold;
  }

  /** The masters that `leader`, `master` or `master<n>` names; undefined: the label is none of a master's. */
  mastersNamed(label: string): MasterFact[] | undefined {
    const all = [...this.masters.values()];
    if (label === "master") return all;
    if (label === "leader") return all.filter((master) => master.leader);
    const index = /^master(0|[1-9][0-9]{0,5})$/.exec(label)?.[1];
    return index === undefined ? undefined : all.filter((master) => master.index === Number(index));
  }

  /** Puts and removes facts; done when it returns. */
  apply(change: TableChange): void {
    for (const key of change.remove) this.#remove(key);
    for (const fact of change.put) this.#put(fact);
    this.#isTold = true;
  }

  /** Forgets everything and takes a whole table. */
  replace(facts: Iterable<Fact>): void {
    this.masters.clear();
    this.agents.clear();
    this.names.clear();
    this.cleared();
    for (const fact of facts) this.#put(fact);
    this.stamps.touchAll();
    this.#isTold = true;
  }

  /** Answers that rest on `key` are no longer good. */
  protected touch(key: string): void {
    this.stamps.touch(this.stamps.stampOf(key));
  }

  protected taskEntered(_task: TaskFact, base: string): void {
    this.touch(base);
  }

  protected taskLeft(_task: TaskFact, base: string): void {
    this.touch(base);
  }

  protected frameworkChanged(): void {
    this.touch(stampKeys.frameworks);
  }

  /** Everything was forgotten; what an extension holds has to be, too. */
  protected cleared(): void {}

  /** A zone without names of virtual IPs leaves them aside. */
  protected putVip(_fact: VipFact): void {}

  /** `key` is the fact's. */
  protected removeVip(_key: string): void {}

  #put(fact: Fact): void {
    switch (fact.kind) {
      case "master":
        this.masters.set(fact.index, fact);
        this.touch(stampKeys.masters);
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
        this.putVip(fact);
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
        this.touch(stampKeys.masters);
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
      case "vip":
        this.removeVip(key);
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
}
