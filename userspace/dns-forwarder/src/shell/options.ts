import type { Fact, TableChange } from "@tutti/discovery-v1";
import type { Zone } from "@tutti/dns";
import type { Client, Endpoint } from "@tutti/dns-sockets";
import type { Route } from "@tutti/http";
import type { Clock, Random } from "@tutti/ports";
import type { Upstream } from "../core/forward-zones.ts";

export interface DnsForwarderOptions {
  /** Where to serve, by UDP and TCP: 198.51.100.1, .2 and .3 on port 53. */
  readonly listen: readonly Endpoint[];
  /** Addresses of `listen` to leave alone (DC/OS: dns_bind_ip_blacklist). */
  readonly bindBlacklist?: readonly string[];
  /** For names in no zone. Empty: such names are REFUSED. */
  readonly upstreams: readonly Upstream[];
  /**
   * Servers that ask this forwarder themselves (`DnsForwarder.answer`, here or on another machine): never asked by it, whoever
   * lists them, because the question would come back.
   */
  readonly neverUpstreams?: readonly Endpoint[];
  /** Zones with servers of their own (DC/OS: dns_forward_zones), e.g. `corp.example`. */
  readonly forwardZones?: Readonly<Record<string, readonly Upstream[]>>;
  /**
   * What is known before the first question is answered: the table that was kept. Absent: nothing, and questions about
   * our zones are SERVFAIL until the first `apply` or `replace`.
   */
  readonly facts?: readonly Fact[];
  /** Zones that others hold, answered here: `.mesos`. Each is mirrored, as `*.mesos.thisdcos.directory`. */
  readonly zones?: readonly Zone[];
  /** `<name>.component.thisdcos.directory` and where it leads, e.g. registry. */
  readonly components?: Readonly<Record<string, readonly string[]>>;
  /** Names below `<id>.dcos.directory` are those below `thisdcos.directory`. */
  readonly clusterCryptoId?: string;
  /** How old the table is that `apply` was told, in ms; undefined before the first. */
  readonly tableAgeMs: () => number | undefined;
  /** What `/v1/version` says. */
  readonly version: string;
  /** Threads that answer beside the first. Default "when busy": another for each 20,000 queries a second. */
  readonly otherThreads?: "when busy" | "at once" | "never";
  /** How many threads there may be, with the first. Default: as many as processors, at most four. */
  readonly threadsMax?: number;
  /** A line for the log: what happens to a thread. */
  readonly report?: (line: string) => void;
  readonly clock: Clock;
  readonly random: Random;
}

/** The DNS of one machine. */
export interface DnsForwarder {
  /**
   * Puts and removes facts; done when it returns. `vipsFollow`: the change has VIPs that will be told later, when packets
   * find their way; until then an unknown name of a VIP is SERVFAIL on a machine that had no table.
   */
  apply(change: TableChange, told?: { readonly vipsFollow?: boolean }): void;
  /** Forgets everything and takes a whole table. */
  replace(facts: Iterable<Fact>): void;
  /**
   * Answers a query that came to another server of this process as if it had come here: from the zones, from what is kept, or
   * by asking upstreams. Always settles; undefined when a message gets no reply.
   */
  answer(
    query: Uint8Array,
    from: Pick<Client, "transport" | "address">,
  ): Promise<Uint8Array | undefined>;
  /** All zones answered from memory, injected ones included. */
  readonly localZones: readonly Zone[];
  /** `/v1/version`, `/v1/config`, `/v1/hosts/:host`, `/v1/services/:service`, `/v1/enumerate`, `/v1/records`. */
  readonly routes: readonly Route[];
  /** Prometheus text. */
  metrics(): string;
  /** Addresses that are served, with the ports chosen. */
  readonly listening: readonly Endpoint[];
  close(): Promise<void>;
}
