export { backendKey, factKey } from "./facts.ts";
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
export type { Held, TableRoom } from "./room.ts";
export { discoveryPaths, discoveryVersions, isOlder } from "./stream.ts";
export type {
  AppliedReport,
  BackendPatch,
  DiscoveryRecord,
  FollowRequest,
  HeldWithdrawal,
  Problem,
  ProblemCode,
  StreamChange,
  TableChange,
  TableVersion,
} from "./stream.ts";
