import type { Held, TableChange, TableRoom } from "@tutti/discovery-v1";
import type { Route } from "@tutti/http";

/** How the load balancer of a machine is opened. */
export interface L4lbOptions {
  /** The machine's IPv4 address: where connections to VIPs come from, unless a container makes them. */
  readonly machineAddress: string;
  /** Its IPv6 address; default: a global one of the same link. Without one there are no IPv6 VIPs. */
  readonly machineAddressV6?: string;
  /** Addresses that belong to VIPs as a whole; default `11.0.0.0/8`. */
  readonly network?: string;
  /** The same for IPv6; default `fd01:c::/64`. */
  readonly networkV6?: string;
  /** DNS servers that this machine asks: a VIP at their address is not served. Default: none. */
  readonly nameServers?: readonly string[];
  /** Routers of the machine's network: a VIP at their address is not served either. Default: none. */
  readonly routers?: readonly string[];
  /** Name of the tables (`ip` and `ip6`), and of the device for IPv6 routes; default `tutti_vip`. */
  readonly tableName?: string;
  /** What stands before every command: how to reach another network namespace. Default: nothing. */
  readonly commandPrefix?: readonly string[];
  /** How often the kernel is compared with what it was given; default 15 s. That tables stand is asked every second. */
  readonly compareMs?: number;
  /** Takes one line of the log. */
  readonly report: (line: string) => void;
}

/** The load balancer of one machine. */
export interface L4lb extends TableRoom {
  /**
   * Takes a change. Resolves once the kernel holds it, or once it is certain that it will not soon (VIPs are not
   * available here, or the kernel has refused for some seconds): then not held, with what tells of it later. Never
   * rejects. Changes that come meanwhile are carried out together.
   */
  apply(change: TableChange): Promise<Held>;
  /** `/v1/vips`, as dcos-net answers it, and `/v1/vips/detail`. */
  readonly routes: readonly Route[];
  /** Prometheus text; connections are those of the last count, and asking has them counted again. */
  metrics(): string;
  /** Whether VIPs are served, and why not. */
  status(): { readonly available: boolean; readonly reason?: string };
  /** Stops it. The kernel goes on translating unless `remove` is set: then routes and tables go. */
  close(options?: { readonly remove?: boolean }): Promise<void>;
}
