import {
  addressRecords,
  givenName,
  hasDiscoveryName,
  parseIpv4,
  parseIpv6,
  toLabel,
  type ResourceRecord,
} from "@tutti/dns";
import type { TaskFact } from "@tutti/discovery-v1";
import type { NameIndex } from "./name-index.ts";
import type { ZoneSettings } from "./settings.ts";

/** Who answers for a task: its container, or the agent it runs on (names with `.slave`). */
export type Side = "task" | "slave";

/** The first IPv4 and the first IPv6 address of a list: what Mesos-DNS gives of many. */
export function oneOfEachFamily(addresses: readonly string[]): string[] {
  const ipv4 = addresses.find((address) => parseIpv4(address) !== undefined);
  const ipv6 = addresses.find((address) => parseIpv6(address) !== undefined);
  return [ipv4, ipv6].filter((address) => address !== undefined);
}

/** The addresses of a task by the order of sources, or of its agent; none when nothing is known. */
export function addressesOf(
  task: TaskFact,
  side: Side,
  index: NameIndex,
  settings: ZoneSettings,
): string[] {
  const agent = index.agents.get(task.agentId);
  const host = agent === undefined ? [] : [agent.address];
  if (side === "slave") return oneOfEachFamily(host);
  return oneOfEachFamily(
    settings.ipSources.flatMap((source) => (source === "host" ? host : task.containerAddresses)),
  );
}

/** One place where a service of a task is found. */
export interface ServicePort {
  /** `_tcp`, `_udp` or another, with the underscore. */
  readonly protocol: string;
  /** The label of DiscoveryInfo's port, without underscore; "" when it has none. */
  readonly portName: string;
  readonly port: number;
  /** Whose name the record leads to. */
  readonly target: Side;
  /** In which names it is shown: `_task._tcp.framework` or `_task._tcp.framework.slave`. */
  readonly shownIn: Side;
}

/**
 * The services of a task, by the rules of Mesos-DNS: without DiscoveryInfo each port resource, by TCP and UDP, on the
 * agent; with it the ports it names, on the task, and port resources only in the names with `.slave`.
 */
export function servicePortsOf(task: TaskFact): ServicePort[] {
  const discovered = hasDiscoveryName(task);
  const shown: readonly Side[] = discovered ? ["slave"] : ["slave", "task"];
  const services: ServicePort[] = [];
  for (const port of task.ports) {
    for (const shownIn of shown) {
      for (const protocol of ["_tcp", "_udp"]) {
        services.push({ protocol, portName: "", port, target: "slave", shownIn });
      }
    }
  }
  if (!discovered) return services;
  for (const port of task.discovery?.ports ?? []) {
    const portName = toLabel(port.name ?? "");
    for (const protocol of protocolsOf(port.protocol)) {
      services.push({ protocol, portName, port: port.number, target: "task", shownIn: "task" });
    }
  }
  return services;
}

/** A port without protocol is both; several are separated by commas. */
function protocolsOf(protocol: string): string[] {
  const labels = protocol
    .split(",")
    .map(toLabel)
    .filter((label) => label !== "");
  return labels.length === 0 ? ["_tcp", "_udp"] : [...new Set(labels)].map((label) => `_${label}`);
}

/** Every record of one task, under each of its names, for listings. */
export function recordsOfTask(
  task: TaskFact,
  index: NameIndex,
  settings: ZoneSettings,
): ResourceRecord[] {
  const framework = index.names.labelsOf(task);
  const label = index.label(givenName(task));
  if (framework === undefined || label === "") return [];
  const { domain, ttlSeconds } = settings;
  const tails = { task: `${framework}.${domain}`, slave: `${framework}.slave.${domain}` };
  const canonical = index.canonicalLabel(task);
  const records: ResourceRecord[] = [];
  for (const side of ["task", "slave"] as const) {
    const addresses = addressesOf(task, side, index, settings);
    for (const first of [label, canonical]) {
      records.push(...addressRecords(`${first}.${tails[side]}`, addresses, ttlSeconds));
    }
  }
  for (const service of servicePortsOf(task)) {
    const target = `${canonical}.${tails[service.target]}`;
    const name = `_${label}.${service.protocol}.${tails[service.shownIn]}`;
    records.push(srvRecord(name, target, service.port, ttlSeconds));
    if (service.portName !== "") {
      records.push(srvRecord(`_${service.portName}.${name}`, target, service.port, ttlSeconds));
    }
  }
  return records;
}

/** A SRV record with the priority and weight that all of ours have. */
export function srvRecord(
  name: string,
  target: string,
  port: number,
  ttlSeconds: number,
): ResourceRecord {
  return { name, ttlSeconds, type: "SRV", priority: 0, weight: 1, port, target };
}
