import type { Fact, TableChange } from "@tutti/discovery-v1";
import type { Zone } from "@tutti/dns";
import type { Route } from "@tutti/http";

/** An address and port to answer on, UDP and TCP. */
export interface ListenAddress {
  /** IPv4 or IPv6. */
  readonly address: string;
  /** 0 for any free port, the same for UDP and TCP. */
  readonly port: number;
}

/** Where the address of a task is taken from, in the order of the list. */
export type IpSource = "netinfo" | "mesos" | "host";

export interface MesosDnsOptions {
  /** Where to serve DNS. Empty: the zone is only held, for the forwarder of this machine. */
  readonly listen: readonly ListenAddress[];
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
  /** What `/v1/version` says. */
  readonly version: string;
  /** Seconds since 1970 for the SOA's serial number. */
  readonly wallMs: () => number;
}

/** Two tasks or frameworks whose names became the same label, told where names are shown. */
export interface NameProblem {
  readonly code: "NAMES_COLLAPSE" | "NAME_EMPTY";
  /** The DNS name that several share, or "" when nothing of a name remained. */
  readonly name: string;
  /** Names as they were given. */
  readonly given: readonly string[];
  readonly message: string;
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
  readonly listening: readonly ListenAddress[];
  close(): Promise<void>;
}
