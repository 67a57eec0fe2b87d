import type { DiscoveryPort } from "@tutti/discovery-v1";
import { claimsOf } from "@tutti/dns";
import type { PortMapping, WireLabel, WirePort } from "@tutti/dns";
import type { DiscoveryParts, MadeOfDiscovery } from "./discovery-parts.ts";
import type { SharedTexts } from "./shared-texts.ts";
import type { ClusterTask } from "./types.ts";

/** What is read of a `mesos.v1.Task`, whichever way it is written. */
export interface TaskParts extends Pick<
  ClusterTask,
  "frameworkId" | "taskId" | "name" | "agentId" | "state" | "healthy" | "isChecked"
> {
  /** What the newest status with networks says; undefined: none has. */
  readonly addresses: readonly string[] | undefined;
  readonly mappings: readonly PortMapping[];
  /** Numbers of its `ports` resources, in order. */
  readonly ports: readonly number[];
  readonly labels: readonly WireLabel[];
  readonly discovery: DiscoveryParts | undefined;
}

/** The task that the parts make; undefined without its ids. */
export function clusterTaskOf(parts: TaskParts, texts: SharedTexts): ClusterTask | undefined {
  const { frameworkId, taskId, ports, mappings } = parts;
  if (frameworkId === "" || taskId === "") return undefined;
  const made = madeOf(parts, texts);
  return {
    frameworkId,
    taskId,
    name: parts.name,
    agentId: parts.agentId,
    state: parts.state,
    healthy: parts.healthy,
    isChecked: parts.isChecked,
    addresses: parts.addresses ?? none,
    portsMapped: mappings.length > 0,
    ports,
    discovery: made.discovery,
    claims: made.claims,
    faults: made.faults,
  };
}

function madeOf(
  { discovery, labels, ports, mappings }: TaskParts,
  texts: SharedTexts,
): MadeOfDiscovery {
  // Without labels of its own and mappings, the task's ports say nothing about VIPs.
  const isAlone = labels.length === 0 && mappings.length === 0;
  if (isAlone && discovery?.made !== undefined) return discovery.made;
  const described = discovery?.ports ?? none;
  const facts = { labels, ports: described, resourcePorts: ports, mappings };
  const { claims, faults } = claimsOf(facts, texts.vipValuesOf);
  const made: MadeOfDiscovery = {
    discovery: discovery === undefined ? undefined : discoveryOf(discovery),
    claims,
    faults,
  };
  if (isAlone && discovery !== undefined) discovery.made = made;
  return made;
}

function discoveryOf({ name, visibility, ports }: DiscoveryParts): ClusterTask["discovery"] {
  const seen = visibility === "CLUSTER" || visibility === "EXTERNAL" ? visibility : "FRAMEWORK";
  const [first] = ports;
  // Of most tasks: a list that has room for one only.
  const list = ports.length === 1 && first !== undefined ? portsOf(first) : ports.flatMap(portsOf);
  return name === "" ? { visibility: seen, ports: list } : { name, visibility: seen, ports: list };
}

/** One port for each of its protocols. */
function portsOf({ number, name, protocol }: WirePort): readonly DiscoveryPort[] {
  const make = (one: string): DiscoveryPort =>
    name === undefined ? { number, protocol: one } : { number, name, protocol: one };
  if (protocol === undefined || protocol === "tcp" || protocol === "udp")
    return [make(protocol ?? "tcp")];
  return protocol.split(",").map((one) => make(one.trim().toLowerCase()));
}

/** The numbers of one range of ports after those before, bounded by what a machine has. */
export function withPortRange(
  before: readonly number[],
  begin: number,
  end: number,
): readonly number[] {
  const last = Math.min(end, 65_535);
  if (begin > last) return before;
  if (before.length === 0 && begin === last) return [begin];
  const ports = [...before];
  for (let port = begin; port <= last && ports.length < 65_536; port += 1) ports.push(port);
  return ports;
}

const none: readonly never[] = [];
