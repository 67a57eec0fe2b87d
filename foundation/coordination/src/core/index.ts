export { checkElection, checkPath, checkWrites } from "./check.ts";
export type {
  Coordination,
  CoordinationRecord,
  LeaderInfo,
  Leadership,
  RecordWrite,
  WriteOutcome,
} from "./coordination.ts";
export { limits } from "./limits.ts";
export { planWrites } from "./plan-writes.ts";
export { Watchers } from "./watchers.ts";
