export { Discovery } from "./discovery.ts";
export { DrainBook } from "./drain-book.ts";
export { eventFromProtobuf } from "./event-from-protobuf.ts";
export { FollowerTable } from "./follower-table.ts";
export { eventFromWire } from "./from-wire.ts";
export { MachineRoll } from "./machine-roll.ts";
export type { RolledMachine } from "./machine-roll.ts";
export { changeSince, sequenceAfter } from "./resume.ts";
export { SharedTexts } from "./shared-texts.ts";
export { taskKeyOf } from "./task-keys.ts";
export type { TaskKey } from "./task-keys.ts";
export type {
  ClusterAgent,
  ClusterEvent,
  DiscoveryDurable,
  DiscoveryEffect,
  DiscoveryEntry,
  DiscoveryEvent,
  KnownMaster,
  NameRecord,
} from "./types.ts";
