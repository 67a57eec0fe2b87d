import type { PortFacts, WireLabel } from "@tutti/dns";
import type { VersionedApp } from "@tutti/marathon-v2";

/** What an app's definition says about ports and their VIPs, as discovery reads it off a task of it. */
export function portFactsOf(app: VersionedApp): PortFacts {
  const ports = app.portDefinitions.map(({ name, protocol, labels }) => ({
    ...{ number: anyPort, name, protocol, labels: toWire(labels) },
  }));
  const resourcePorts = ports.map(({ number }) => number);
  return { labels: toWire(app.labels), ports, resourcePorts, mappings: [] };
}

/** Which port an instance gets is not known yet, and is right in any case. */
const anyPort = 1;

function toWire(labels: Readonly<Record<string, string>>): readonly WireLabel[] {
  return Object.entries(labels).map(([key, value]) => ({ key, value }));
}
