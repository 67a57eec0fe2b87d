import { limits } from "./limits.ts";

/** What a container's /etc/resolv.conf is made of. */
export interface ResolvConf {
  /** Addresses of name servers, in the order they are asked; at most three count. */
  readonly nameServers: readonly string[];
  /** Domains that are tried for short names, in order (DC/OS: dns_search). */
  readonly search?: readonly string[];
  /** `ndots:1`, `timeout:1` … */
  readonly options?: readonly string[];
}

/**
 * The text of /etc/resolv.conf, in the format of resolv.conf(5). More name servers and search domains
 * than the C library takes are left out, the first ones stay.
 */
export function formatResolvConf(conf: ResolvConf): string {
  const search = (conf.search ?? []).slice(0, limits.searchDomainsMax);
  return [
    ...(search.length > 0 ? [`search ${search.join(" ")}`] : []),
    ...conf.nameServers.slice(0, limits.nameServersMax).map((address) => `nameserver ${address}`),
    ...((conf.options ?? []).length > 0 ? [`options ${(conf.options ?? []).join(" ")}`] : []),
    "",
  ].join("\n");
}
