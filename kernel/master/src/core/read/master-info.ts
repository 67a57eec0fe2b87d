import type { MasterInfo } from "@tutti/mesos-v1";
import type { MasterConfig } from "../config.ts";
import { release } from "../release.ts";

/** What this master says of itself in SUBSCRIBED, GET_MASTER and `/state`. */
export function masterInfoOf(config: MasterConfig): MasterInfo {
  return {
    id: config.masterId,
    ip: ipNumberOf(config.ip),
    port: config.port,
    pid: pidOf(config),
    hostname: config.hostname,
    version: release.mesosVersion,
    address: { hostname: config.hostname, ip: config.ip, port: config.port },
    capabilities: masterCapabilities.map((type) => ({ type })),
  };
}

/** What the master can do, by the names of `MasterInfo.Capability.Type`. */
export const masterCapabilities = ["AGENT_UPDATE"] as const;

/** The address of the master as libprocess writes it: clients take host and port out of it. */
export function pidOf(config: MasterConfig): string {
  return `master@${config.ip}:${config.port}`;
}

/** A dotted IPv4 address as `MasterInfo.ip` has it: the first byte lowest. 0 for anything else. */
function ipNumberOf(ip: string): number {
  const parts = ip.split(".").map(Number);
  if (parts.length !== 4 || parts.some((part) => !(part >= 0 && part <= 255))) return 0;
  return parts.reduceRight((sum, part) => sum * 256 + part, 0);
}
