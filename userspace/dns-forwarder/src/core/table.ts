import type { Fact, TableChange, TaskFact, VipFact } from "@tutti/discovery-v1";
import { factKey } from "@tutti/discovery-v1";
import { FactIndex, toLabel } from "@tutti/dns";

/** Facts by what names below `thisdcos.directory` need. A framework's name is one label here, dots become hyphens. */
export class Table extends FactIndex {
  readonly #vips = new Map<string, VipFact>();
  /** Addresses of VIPs by name, and how many ports have them. */
  readonly #vipNames = new Map<string, Map<string, number>>();
  #knowsVips = false;

  constructor() {
    super({ taskLabel: toLabel, frameworkLabels: toLabel });
  }

  /** Whether every name of a VIP is here: not before the table, nor while its VIPs wait for their way. */
  get knowsVips(): boolean {
    return this.#knowsVips;
  }

  /** `vipsFollow`: there are VIPs that will be told later. */
  override apply(change: TableChange, told: { readonly vipsFollow?: boolean } = {}): void {
    super.apply(change);
    if (told.vipsFollow !== true) this.#knowsVips = true;
  }

  override replace(facts: Iterable<Fact>): void {
    super.replace(facts);
    this.#knowsVips = true;
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

  protected override cleared(): void {
    this.#vips.clear();
    this.#vipNames.clear();
  }

  protected override putVip(fact: VipFact): void {
    this.removeVip(factKey(fact));
    this.#vips.set(factKey(fact), fact);
    for (const given of fact.names) {
      const name = given.toLowerCase();
      const addresses = this.#vipNames.get(name) ?? new Map<string, number>();
      this.#vipNames.set(name, addresses);
      const before = addresses.get(fact.address) ?? 0;
      addresses.set(fact.address, before + 1);
      if (before === 0) this.touch(name);
    }
  }

  protected override removeVip(key: string): void {
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
        this.touch(name);
      }
      if (addresses?.size === 0) this.#vipNames.delete(name);
    }
  }
}
