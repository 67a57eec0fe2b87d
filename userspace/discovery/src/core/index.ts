export { Discovery } from "./discovery.ts";
export { eventFromProtobuf } from "./event-from-protobuf.ts";
export { FollowerTable } from "./follower-table.ts";
export { eventFromWire } from "./from-wire.ts";
export { SharedTexts } from "./shared-texts.ts";
export { taskKeyOf } from "./task-keys.ts";
export type { TaskKey } from "./task-keys.ts";
export type {
  ClusterEvent,
  DiscoveryDurable,
  DiscoveryEffect,
  DiscoveryEntry,
  DiscoveryEvent,
  KnownMaster,
  NameRecord,
} from "./types.ts";
