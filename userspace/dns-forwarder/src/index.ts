export { formatResolvConf } from "./core/resolv-conf.ts";
export type { ResolvConf } from "./core/resolv-conf.ts";
export type {
  DnsForwarder,
  DnsForwarderOptions,
  ListenAddress,
  Upstream,
} from "./shell/options.ts";
