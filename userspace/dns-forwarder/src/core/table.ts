import type {
  AgentFact,
  Fact,
  MasterFact,
  TableChange,
  TaskFact,
  VipFact,
} from "@tutti/discovery-v1";
import { factKey } from "@tutti/discovery-v1";
import { StampTable, TaskNames, toLabel } from "@tutti/dns";

/** What answers of our zones rest on; no name is written so. */
export const stampKeys = { masters: "/masters", agents: "/agents", fixed: "/fixed" };

/** Facts by what names below `thisdcos.directory` need. A framework's name is one label here, dots become hyphens. */
export class Table {
  readonly stamps = new StampTable();
  readonly masters = new Map<number, MasterFact>();
  readonly agents = new Map<string, AgentFact>();
  readonly names: TaskNames;
  readonly #vips = new Map<string, VipFact>();
  /** Addresses of VIPs by name, and how many ports have them. */
  readonly #vipNames = new Map<string, Map<string, number>>();

  constructor() {
    this.names = new TaskNames({
      taskLabel: toLabel,
      frameworkLabels: toLabel,
      entered: (_task, base) => this.#touch(base),
      left: (_task, base) => this.#touch(base),
      frameworkChanged: () => undefined,
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
    this.#vips.clear();
    this.#vipNames.clear();
    for (const fact of facts) this.#put(fact);
    this.stamps.touchAll();
  }

  /** `web.marathon` of a VIP: its addresses; undefined when no VIP has the name. */
  vipAddresses(name: string): readonly string[] | undefined {
    const addresses = this.#vipNames.get(name);
    return addresses === undefined ? undefined : [...addresses.keys()];
  }

  vipNames(): Iterable<string> {
    return this.#vipNames.keys();
  }

  agentAddress(task: TaskFact): readonly string[] {
    const agent = this.agents.get(task.agentId);
    return agent === undefined ? [] : [agent.address];
  }

  #put(fact: Fact): void {
    switch (fact.kind) {
      case "master":
        this.masters.set(fact.index, fact);
        this.#touch(stampKeys.masters);
        return;
      case "agent": {
        const before = this.agents.get(fact.id);
        this.agents.set(fact.id, fact);
        if (before?.address !== fact.address) this.stamps.touchAll();
        return;
      }
      case "framework":
        this.names.putFramework(fact);
        return;
      case "task":
        this.names.putTask(fact);
        return;
      case "vip":
        this.#removeVip(factKey(fact));
        this.#putVip(fact);
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
      case "vip":
        this.#removeVip(key);
        return;
      default:
    }
  }

  #putVip(fact: VipFact): void {
    this.#vips.set(factKey(fact), fact);
    for (const given of fact.names) {
      const name = given.toLowerCase();
      const addresses = this.#vipNames.get(name) ?? new Map<string, number>();
      this.#vipNames.set(name, addresses);
      const before = addresses.get(fact.address) ?? 0;
      addresses.set(fact.address, before + 1);
      if (before === 0) this.#touch(name);
    }
  }

  #removeVip(key: string): void {
    const fact = this.#vips.get(key);
    if (fact === undefined) return;
    this.#vips.delete(key);
    for (const given of fact.names) {
      const name = given.toLowerCase();
      const addresses = this.#vipNames.get(name);
      const left = (addresses?.get(fact.address) ?? 0) - 1;
      if (left > 0) addresses?.set(fact.address, left);
      else {
        addresses?.delete(fact.address);
        this.#touch(name);
      }
      if (addresses?.size === 0) this.#vipNames.delete(name);
    }
  }

  #touch(key: string): void {
    this.stamps.touch(this.stamps.stampOf(key));
  }
}
