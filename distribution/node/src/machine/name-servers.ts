import { parseForwardZones } from "@tutti/dns-forwarder";
import type { NodeFile } from "../config.ts";

/** Addresses of the DNS servers that a machine asks, for all names or for those of a zone: none may be a VIP. */
export function nameServersOf({
  upstreams,
  forwardZones,
}: Pick<NodeFile, "upstreams" | "forwardZones">): readonly string[] {
  const zones = parseForwardZones(forwardZones);
  const ofZones = zones.ok ? Object.values(zones.value).flat() : [];
  return [...new Set([...upstreams, ...ofZones.map(({ address }) => address)])];
}
