import type { TaskFact } from "@tutti/discovery-v1";
import { stampKeys, type Zone } from "@tutti/dns";
import { AddressZone, type FoundAddresses } from "./address-zone.ts";
import { AliasZone } from "./alias-zone.ts";
import { limits } from "./limits.ts";
import type { Table } from "./table.ts";

export interface OwnZonesOptions {
  readonly table: Table;
  readonly serial: () => number;
  /** Zones that others hold, mirrored below `thisdcos.directory`. */
  readonly injected: readonly Zone[];
  readonly components: Readonly<Record<string, readonly string[]>>;
  readonly clusterCryptoId?: string;
  /** For `ns.spartan`. */
  readonly nameServers: readonly string[];
}

/** Every zone that is answered from memory, the injected ones first. */
export function makeOwnZones(options: OwnZonesOptions): Zone[] {
  const { table, serial } = options;
  const make = (
    origin: string,
    find: (relative: string) => FoundAddresses | "above" | undefined,
    list: () => Iterable<string>,
    isTold = (): boolean => table.isTold,
  ): Zone => new AddressZone({ origin, stamps: table.stamps, serial, find, list, isTold });
  const fixed = (origin: string, names: ReadonlyMap<string, readonly string[]>): Zone =>
    make(
      origin,
      (relative) => fixedAddresses(names, relative),
      () => names.keys(),
      () => true,
    );
  const root = "thisdcos.directory";
  const directory = new Map<string, Zone>([
    [
      "dcos",
      make(
        `dcos.${root}`,
        (name) => findTaskOrMaster(table, name),
        () => listDcos(table),
      ),
    ],
    [
      "l4lb",
      make(
        `l4lb.${root}`,
        (name) => findVip(table, name),
        () => table.vipNames(),
        () => table.knowsVips,
      ),
    ],
    ["component", fixed(`component.${root}`, lowerCase(options.components))],
  ]);
  const zones = [...options.injected, ...directory.values()];
  for (const zone of options.injected) {
    const mirror = new AliasZone(`${zone.origin}.${root}`, zone, { isListed: true });
    directory.set(zone.origin, mirror);
    zones.push(mirror);
  }
  const l4lb = directory.get("l4lb");
  if (l4lb !== undefined) {
    const old = new AliasZone(`dclb.${root}`, l4lb, { isListed: false });
    directory.set("dclb", old);
    zones.push(old);
  }
  const otherRoots = ["thisdcos.global"];
  if (options.clusterCryptoId !== undefined) {
    otherRoots.push(`${options.clusterCryptoId.toLowerCase()}.dcos.directory`);
  }
  for (const other of otherRoots) {
    for (const [label, zone] of directory) {
      zones.push(new AliasZone(`${label}.${other}`, zone, { isListed: false }));
    }
  }
  const above: ReadonlyMap<string, readonly string[]> = new Map();
  for (const one of [root, ...otherRoots]) zones.push(fixed(one, above));
  zones.push(
    make("zk", (name) => findZooKeeper(table, name), listZooKeepers),
    fixed(
      "spartan",
      new Map([
        ["ready", ["127.0.0.1"]],
        ["ns", options.nameServers],
      ]),
    ),
    makeLocalhost(options),
  );
  return zones;
}

/** `localhost` and all names below it are this machine (RFC 6761). */
function makeLocalhost({ table, serial }: OwnZonesOptions): Zone {
  const addresses = ["127.0.0.1", "::1"];
  return new AddressZone({
    origin: "localhost",
    stamps: table.stamps,
    serial,
    apexAddresses: addresses,
    find: () => ({ addresses, stampKey: stampKeys.fixed }),
    list: () => [],
    isTold: () => true,
  });
}

function lowerCase(
  names: Readonly<Record<string, readonly string[]>>,
): ReadonlyMap<string, readonly string[]> {
  return new Map(Object.entries(names).map(([name, list]) => [name.toLowerCase(), list]));
}

function fixedAddresses(
  names: ReadonlyMap<string, readonly string[]>,
  relative: string,
): FoundAddresses | "above" | undefined {
  const addresses = names.get(relative);
  return addresses === undefined ? undefined : { addresses, stampKey: stampKeys.fixed };
}

/** Which address of a task a name asks for. */
type AddressKind = "autoip" | "containerip" | "agentip";

const kinds: readonly AddressKind[] = ["autoip", "containerip", "agentip"];

function isKind(label: string): label is AddressKind {
  return kinds.some((kind) => kind === label);
}

function findTaskOrMaster(table: Table, relative: string): FoundAddresses | "above" | undefined {
  const masters = findMasters(table, relative);
  if (masters !== undefined) return masters;
  const labels = relative.split(".");
  const kind = labels.at(-1) ?? "";
  if (!isKind(kind)) return undefined;
  if (labels.length === 1) return "above";
  if (labels.length === 2) return table.names.hasFramework(labels[0] ?? "") ? "above" : undefined;
  if (labels.length > 3) return undefined;
  const base = `${labels[0] ?? ""}.${labels[1] ?? ""}`;
  const addresses: string[] = [];
  let isThere = false;
  for (const task of table.names.tasksAt(base)) {
    isThere = true;
    addresses.push(...addressesOf(table, task, kind));
    if (addresses.length >= limits.answerAddressesMax) break;
  }
  return isThere ? { addresses, stampKey: base } : undefined;
}

/** As dcos-net: by itself the agent when its ports lead to the container, or the container has no address. */
function addressesOf(table: Table, task: TaskFact, kind: AddressKind): readonly string[] {
  switch (kind) {
    case "agentip":
      return table.agentAddress(task);
    case "containerip":
      return task.containerAddresses;
    case "autoip":
      return task.portsMapped || task.containerAddresses.length === 0
        ? table.agentAddress(task)
        : task.containerAddresses;
  }
}

function* listDcos(table: Table): Iterable<string> {
  yield* ["leader", "master", "slave"];
  for (const index of table.masters.keys()) yield `master${index}`;
  for (const [base] of table.names.bases()) {
    for (const kind of kinds) yield `${base}.${kind}`;
  }
}

function findMasters(table: Table, relative: string): FoundAddresses | undefined {
  if (relative === "slave") {
    const addresses = [...table.agents.values()].map((agent) => agent.address);
    return { addresses, stampKey: stampKeys.agents };
  }
  const masters = table.mastersNamed(relative);
  // A number that no master has is no name; `master` and `leader` are names without any, too.
  if (masters === undefined || (masters.length === 0 && /[0-9]$/.test(relative))) return undefined;
  return { addresses: masters.map((master) => master.address), stampKey: stampKeys.masters };
}

function findVip(table: Table, relative: string): FoundAddresses | "above" | undefined {
  const addresses = table.vipAddresses(relative);
  if (addresses !== undefined) return { addresses, stampKey: relative };
  return table.names.hasFramework(relative) ? "above" : undefined;
}

/** Five names, however many ZooKeepers there are: they stand on the masters, and stand in for each other. */
function findZooKeeper(table: Table, relative: string): FoundAddresses | undefined {
  const number = /^zk-([1-9])$/.exec(relative)?.[1];
  if (number === undefined || Number(number) > limits.zkNames) return undefined;
  const masters = [...table.masters.values()].toSorted((a, b) => a.index - b.index);
  const one = masters[(Number(number) - 1) % Math.max(1, masters.length)];
  return one === undefined ? undefined : { addresses: [one.address], stampKey: stampKeys.masters };
}

function listZooKeepers(): string[] {
  return Array.from({ length: limits.zkNames }, (_, index) => `zk-${index + 1}`);
}
