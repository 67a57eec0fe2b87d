import type { Fact, TableChange } from "@tutti/discovery-v1";
import type { Zone } from "@tutti/dns";
import type { Client, Endpoint } from "@tutti/dns-sockets";
import type { Route } from "@tutti/http";
import type { NameProblem } from "../core/problems.ts";
import type { IpSource } from "../core/settings.ts";

/**
 * Answers a query about a name that is not in the zone: a whole message in, a whole message out, fit for the way it came.
 * Undefined, or a promise that is rejected, is SERVFAIL. It bounds by itself how many it holds, and for how long.
 */
export type ResolveOthers = (
  query: Uint8Array,
  from: Pick<Client, "transport" | "address">,
) => Promise<Uint8Array | undefined>;

export interface MesosDnsOptions {
  /** Where to serve DNS, by UDP and TCP. Empty: the zone is only held, for the forwarder of this machine. */
  readonly listen: readonly Endpoint[];
  /** Default `mesos`. */
  readonly domain?: string;
  /** Of A, AAAA, SRV, NS and SOA records; default 5 (Mesos-DNS: 60). */
  readonly ttlSeconds?: number;
  /** Default netinfo, mesos, host, as Mesos-DNS. */
  readonly ipSources?: readonly IpSource[];
  /** Labels of RFC 952 (24 characters, letter first) instead of RFC 1123. Default false. */
  readonly enforceRfc952?: boolean;
  /** Addresses of the name server, for `ns1.mesos`. Default: the addresses of `listen`. */
  readonly nameServerAddresses?: readonly string[];
  /**
   * What is known before the first question is answered: the table that was kept. Absent: nothing, and questions are
   * SERVFAIL until the first `apply` or `replace`.
   */
  readonly facts?: readonly Fact[];
  /** Looks up names outside the zone (Mesos-DNS: recurseon). Absent: they are REFUSED. It must never ask this server. */
  readonly resolveOthers?: ResolveOthers;
  /** What `/v1/version` says. */
  readonly version: string;
  /** Milliseconds since 1970, for the SOA's serial number. */
  readonly wallMs: () => number;
}

/** The `.mesos` zone, its HTTP API and, if asked for, its DNS server. */
export interface MesosDns {
  /** Puts and removes facts; done when it returns. */
  apply(change: TableChange): void;
  /** Forgets everything and takes a whole table. */
  replace(facts: Iterable<Fact>): void;
  /** To be injected into the forwarder of the machine. */
  readonly zone: Zone;
  /** `/v1/…` of Mesos-DNS, for a server on port 8123. */
  readonly routes: readonly Route[];
  /** Names that collapse, at most `limits.problemsMax`. */
  problems(): readonly NameProblem[];
  /** Prometheus text. */
  metrics(): string;
  /** Addresses that are served, with the ports chosen. */
  readonly listening: readonly Endpoint[];
  close(): Promise<void>;
}
