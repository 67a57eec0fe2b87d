export type { MasterAction } from "./authorise.ts";
export { defaultDurations } from "./config.ts";
export type { MasterConfig } from "./config.ts";
export type {
  Agent,
  CompletedFramework,
  Framework,
  FrameworkTasks,
  OpenOffer,
  UnreachableAgent,
} from "./entities.ts";
export type {
  AgentRecord,
  MasterDurable,
  MasterEffect,
  MasterEntry,
  MasterEvent,
  QuotaRecord,
  RoleWeight,
} from "./events.ts";
export type { MasterLogEntry } from "./log-entry.ts";
export { Master } from "./master.ts";
export type { Principal } from "./principal.ts";
export type { MasterRefusal, MasterRefusalCode } from "./refusal.ts";
export type { MasterView, ReadableHistory } from "./view.ts";
export type { MasterTask, TaskKey } from "./tasks/master-task.ts";
