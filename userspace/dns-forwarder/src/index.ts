export { parseForwardZones } from "./core/forward-zones.ts";
export type { Upstream } from "./core/forward-zones.ts";
export { formatResolvConf } from "./core/resolv-conf.ts";
export type { ResolvConf } from "./core/resolv-conf.ts";
export { openDnsForwarder } from "./shell/open-dns-forwarder.ts";
export type { DnsForwarder, DnsForwarderOptions } from "./shell/options.ts";
