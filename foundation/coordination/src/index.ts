export type {
  Coordination,
  CoordinationRecord,
  LeaderInfo,
  Leadership,
  RecordWrite,
  WriteOutcome,
} from "./core/coordination.ts";
export { openSqliteCoordination } from "./sqlite/open-sqlite-coordination.ts";
