export { askByTcp, askByUdp } from "./ask.ts";
export type { AskOptions } from "./ask.ts";
export { startDnsServer, startDnsServers } from "./server.ts";
export type { Client, DnsServer, DnsServerOptions, Endpoint } from "./types.ts";
