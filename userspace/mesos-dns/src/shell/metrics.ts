import type { Responder } from "@tutti/dns";
import type { DnsServer } from "@tutti/dns-sockets";
import type { NameIndex } from "../core/name-index.ts";
import type { OthersTally } from "./others.ts";
import type { ZoneSettings } from "../core/settings.ts";

interface Measured {
  readonly index: NameIndex;
  readonly responder: Responder;
  readonly servers: readonly DnsServer[];
  readonly settings: ZoneSettings;
  readonly others: OthersTally;
}

/** The room's figures as Prometheus text. */
export function formatMetrics({ index, responder, servers, settings, others }: Measured): string {
  const zone = `{zone="${settings.domain}."}`;
  const [tally] = responder.tallies;
  const { refusals } = responder;
  const connections = servers.reduce((sum, server) => sum + server.connectionCount, 0);
  const lines: readonly (readonly [string, "counter" | "gauge", string, number])[] = [
    ["mesos_dns_queries_total", "counter", zone, tally?.queryCount ?? 0],
    ["mesos_dns_nxdomain_total", "counter", zone, tally?.nxDomainCount ?? 0],
    ["mesos_dns_nodata_total", "counter", zone, tally?.noDataCount ?? 0],
    ["mesos_dns_servfail_total", "counter", zone, tally?.failureCount ?? 0],
    ["mesos_dns_malformed_total", "counter", "", refusals.malformedCount],
    ["mesos_dns_not_implemented_total", "counter", "", refusals.notImplementedCount],
    ["mesos_dns_refused_total", "counter", "", refusals.refusedCount],
    ["mesos_dns_dropped_total", "counter", "", refusals.droppedCount],
    ["mesos_dns_other_queries_total", "counter", "", others.queryCount],
    ["mesos_dns_other_failures_total", "counter", "", others.failureCount],
    ["mesos_dns_tcp_connections", "gauge", "", connections],
    ["mesos_dns_tasks", "gauge", "", index.names.tasks.size],
    ["mesos_dns_agents", "gauge", "", index.agents.size],
    ["mesos_dns_frameworks", "gauge", "", index.names.frameworks.size],
    ["mesos_dns_masters", "gauge", "", index.masters.size],
  ];
  return lines
    .map(([name, type, labels, value]) => `# TYPE ${name} ${type}\n${name}${labels} ${value}\n`)
    .join("");
}
