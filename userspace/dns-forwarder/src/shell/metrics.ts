import type { Responder } from "@tutti/dns";
import type { DnsServer } from "@tutti/dns-sockets";
import type { LeftOutUpstream } from "../core/forward-zones.ts";
import type { Forwarder } from "./forwarder.ts";
import type { DnsForwarderOptions } from "./options.ts";
import type { AnsweringThreads } from "./answering-threads.ts";
import { formatUpstream } from "./upstream-tallies.ts";

interface Measured {
  readonly responder: Responder;
  readonly threads: AnsweringThreads;
  readonly servers: readonly DnsServer[];
  readonly forwarding: Forwarder;
  readonly leftOut: readonly LeftOutUpstream[];
  readonly options: DnsForwarderOptions;
}

/** The room's figures as Prometheus text, by zone. */
export function formatMetrics(measured: Measured): string {
  const { responder, threads, servers, forwarding, leftOut, options } = measured;
  const { refusals } = responder;
  const ageMs = options.tableAgeMs();
  const connections = servers.reduce((sum, server) => sum + server.connectionCount, 0);
  const lines = [
    ...zoneLines(responder, "queries", (tally, zone) => tally.queryCount + threads.countOf(zone)),
    ...zoneLines(responder, "nxdomain", (tally) => tally.nxDomainCount),
    ...zoneLines(responder, "nodata", (tally) => tally.noDataCount),
    ...zoneLines(responder, "servfail", (tally) => tally.failureCount),
    `# TYPE dns_malformed_total counter\ndns_malformed_total ${refusals.malformedCount}\n`,
    `# TYPE dns_not_implemented_total counter\n`,
    `dns_not_implemented_total ${refusals.notImplementedCount}\n`,
    `# TYPE dns_refused_total counter\ndns_refused_total ${refusals.refusedCount}\n`,
    `# TYPE dns_dropped_total counter\ndns_dropped_total ${refusals.droppedCount}\n`,
    `# TYPE dns_tcp_connections gauge\ndns_tcp_connections ${connections}\n`,
    `# TYPE dns_threads gauge\ndns_threads ${threads.size}\n`,
    `# TYPE dns_upstreams_left_out gauge\n`,
    ...leftOut.map(
      ({ origin, upstream, reason }) =>
        `dns_upstreams_left_out{zone="${origin}.",upstream_address="${formatUpstream(upstream)}",reason="${reason}"} 1\n`,
    ),
  ];
  if (ageMs !== undefined) {
    lines.push(`# TYPE dns_table_age_seconds gauge\ndns_table_age_seconds ${ageMs / 1000}\n`);
  }
  return lines.join("") + forwarding.format();
}

function zoneLines(
  responder: Responder,
  what: string,
  count: (tally: Responder["tallies"][number], zone: number) => number,
): string[] {
  const name = `dns_zone_${what}_total`;
  return [
    `# TYPE ${name} counter\n`,
    ...responder.tallies.map(
      (tally, zone) => `${name}{zone="${tally.origin}."} ${count(tally, zone)}\n`,
    ),
  ];
}
