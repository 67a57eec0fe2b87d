export type { NameProblem } from "./core/problems.ts";
export type { IpSource } from "./core/settings.ts";
export { openMesosDns } from "./shell/open-mesos-dns.ts";
export type { MesosDns, MesosDnsOptions, ResolveOthers } from "./shell/options.ts";
