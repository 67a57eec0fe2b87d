import { isOlder } from "@tutti/discovery-v1";
import type { Fact, TableVersion } from "@tutti/discovery-v1";

/** Who follows on one stream. */
export interface RolledMachine {
  readonly name: string;
  /** As it tells it itself; undefined: it is of a release that does not. */
  readonly address: string | undefined;
  /** Where its connection comes from. */
  readonly remoteAddress: string;
}

/**
 * The machines that follow, against those that the table tells of. One that it tells of and that does not follow may
 * hold anything, and nobody stands in for it.
 */
export class MachineRoll {
  readonly #facts: () => Iterable<Fact>;
  readonly #published: () => TableVersion;
  /** The newest stream of each machine, by its name. */
  readonly #present = new Map<string, RolledMachine>();
  /** What their dataplanes hold. */
  readonly #applied = new Map<RolledMachine, TableVersion>();
  /** The oldest of these versions, and how many hold it; undefined: to be looked for. */
  #oldest: { readonly version: TableVersion; holders: number } | undefined;
  /** What the table tells; undefined: to be looked up. */
  #wanted: ReadonlyMap<string, readonly string[]> | undefined;
  /** Whether all follow; undefined: to be looked at. */
  #isWhole: boolean | undefined;

  /** `facts`: the table; `published`: its version. */
  constructor(facts: () => Iterable<Fact>, published: () => TableVersion) {
    this.#facts = facts;
    this.#published = published;
  }

  enter(machine: RolledMachine): void {
    const before = this.#present.get(machine.name);
    if (before !== undefined) this.#forget(before);
    this.#present.set(machine.name, machine);
    this.#isWhole = undefined;
  }

  /** Its stream is over; another of the same machine counts on. */
  leave(machine: RolledMachine): void {
    if (this.#present.get(machine.name) !== machine) return;
    this.#present.delete(machine.name);
    this.#forget(machine);
    this.#isWhole = undefined;
  }

  /** The table tells of other machines. */
  machinesChanged(): void {
    this.#wanted = undefined;
    this.#isWhole = undefined;
  }

  /**
   * The machine's dataplane holds a version. Of two reports on their way the older may come last: the newer stays, as
   * long as the machine follows on the same stream. A version that was never published is of another cluster's table.
   */
  applied(name: string, version: TableVersion): void {
    const machine = this.#present.get(name);
    if (machine === undefined || isOlder(this.#published(), version)) return;
    const before = this.#applied.get(machine);
    if (before !== undefined && !isOlder(before, version)) return;
    this.#applied.set(machine, version);
    if (this.#oldest === undefined) return;
    if (before === undefined) this.#oldest = undefined;
    else if (!isOlder(this.#oldest.version, before)) this.#oldest.holders -= 1;
  }

  /** The oldest version that some machine holds; undefined while one does not follow or has not told. */
  held(): TableVersion | undefined {
    this.#isWhole ??= this.#hasAll();
    if (!this.#isWhole || this.#applied.size < this.#present.size) return undefined;
    if ((this.#oldest?.holders ?? 0) === 0) this.#oldest = oldestOf(this.#applied.values());
    return this.#oldest?.version;
  }

  #forget(machine: RolledMachine): void {
    if (this.#applied.delete(machine)) this.#oldest = undefined;
  }

  #hasAll(): boolean {
    const told = new Set<string>();
    for (const { name, address, remoteAddress } of this.#present.values())
      for (const one of address === undefined ? [name, remoteAddress] : [address]) told.add(one);
    this.#wanted ??= wantedOf(this.#facts());
    for (const [address, hostNames] of this.#wanted)
      if (!told.has(address) && !hostNames.some((name) => told.has(name))) return false;
    return true;
  }
}

/** The oldest version, and how many of these are it; undefined without any. */
function oldestOf(
  versions: Iterable<TableVersion>,
): { readonly version: TableVersion; holders: number } | undefined {
  let oldest: { readonly version: TableVersion; holders: number } | undefined;
  for (const version of versions) {
    if (oldest === undefined || isOlder(version, oldest.version)) oldest = { version, holders: 1 };
    else if (!isOlder(oldest.version, version)) oldest.holders += 1;
  }
  return oldest;
}

/** The machines of a table: their addresses, with the host names of agents there. */
function wantedOf(facts: Iterable<Fact>): ReadonlyMap<string, readonly string[]> {
  const wanted = new Map<string, readonly string[]>();
  for (const fact of facts) {
    if (fact.kind !== "agent" && fact.kind !== "master") continue;
    const before = wanted.get(fact.address) ?? [];
    wanted.set(fact.address, fact.kind === "agent" ? [...before, fact.hostname] : before);
  }
  return wanted;
}
