export { factKey } from "./facts.ts";
export type {
  AgentFact,
  Backend,
  DiscoveryPort,
  Fact,
  FrameworkFact,
  MasterFact,
  TaskDiscovery,
  TaskFact,
  VipFact,
} from "./facts.ts";
export type { TableRoom } from "./room.ts";
export { discoveryPaths, discoveryVersions, isOlder } from "./stream.ts";
export type {
  AppliedReport,
  DiscoveryRecord,
  FollowRequest,
  HeldWithdrawal,
  TableChange,
  TableVersion,
} from "./stream.ts";
