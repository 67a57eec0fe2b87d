export { Follower } from "./shell/follower.ts";
export type { FollowerOptions, FollowerStatus } from "./shell/follower.ts";
export { openDiscovery } from "./shell/open-discovery.ts";
export type { DiscoveryOptions } from "./shell/options.ts";
export type { RunningDiscovery } from "./shell/options.ts";
export { readTable } from "./shell/table-file.ts";
export type { KeptTable } from "./shell/table-file.ts";
