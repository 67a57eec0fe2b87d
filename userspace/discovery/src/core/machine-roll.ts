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
  /** The newest stream of each machine, by its name. */
  readonly #present = new Map<string, RolledMachine>();
  /** What their dataplanes hold. */
  readonly #applied = new Map<RolledMachine, TableVersion>();
  /** What the table tells; undefined: to be looked up. */
  #wanted: ReadonlyMap<string, readonly string[]> | undefined;
  /** Whether all follow; undefined: to be looked at. */
  #isWhole: boolean | undefined;

  /** `facts`: the table. */
  constructor(facts: () => Iterable<Fact>) {
    this.#facts = facts;
  }

  enter(machine: RolledMachine): void {
    const before = this.#present.get(machine.name);
    if (before !== undefined) this.#applied.delete(before);
    this.#present.set(machine.name, machine);
    this.#isWhole = undefined;
  }

  /** Its stream is over; another of the same machine counts on. */
  leave(machine: RolledMachine): void {
    if (this.#present.get(machine.name) !== machine) return;
    this.#present.delete(machine.name);
    this.#applied.delete(machine);
    this.#isWhole = undefined;
  }

  /** The table tells of other machines. */
  machinesChanged(): void {
    this.#wanted = undefined;
    this.#isWhole = undefined;
  }

  /** The machine's dataplane holds a version. */
  applied(name: string, version: TableVersion): void {
    const machine = this.#present.get(name);
    if (machine !== undefined) this.#applied.set(machine, version);
  }

  /** The oldest version that some machine holds; undefined while one does not follow or has not told. */
  held(): TableVersion | undefined {
    this.#isWhole ??= this.#hasAll();
    if (!this.#isWhole || this.#applied.size < this.#present.size) return undefined;
    let oldest: TableVersion | undefined;
    for (const version of this.#applied.values())
      if (oldest === undefined || isOlder(version, oldest)) oldest = version;
    return oldest;
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
