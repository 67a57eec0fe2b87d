export { AgentMachine } from "./agent-machine.ts";
export { agentCapabilities } from "./capabilities.ts";
export type { AgentConfig, UserPolicy } from "./config.ts";
export type { AgentEffect, ContainerCheck, LogLevel } from "./effects.ts";
export type { AgentEvent } from "./events.ts";
export { limits } from "./limits.ts";
export { AgentJournal, recordVersion } from "./records.ts";
export type {
  AgentDurable,
  AgentEntry,
  AgentRecord,
  FrameworkRecord,
  TaskRecord,
  TaskRun,
} from "./records.ts";
export { sandboxPathsOf } from "./sandbox-paths.ts";
export type { SandboxPaths } from "./sandbox-paths.ts";
export { taskMessageOf } from "./task-message.ts";
export type { AgentView, TaskView } from "./view.ts";
