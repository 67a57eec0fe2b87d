export { AgentMachine } from "./agent-machine.ts";
export type { AgentConfig, UserPolicy } from "./config.ts";
export type { AgentEffect, ContainerCheck, LogLevel } from "./effects.ts";
export type { AgentEvent } from "./events.ts";
export { limits } from "./limits.ts";
export { networkInfosOf } from "./network-infos.ts";
export { AgentJournal, recordVersion } from "./records.ts";
export type {
  AgentDurable,
  AgentEntry,
  AgentRecord,
  FrameworkRecord,
  TaskRecord,
  TaskRun,
} from "./records.ts";
export type { AgentView, TaskView } from "./view.ts";
export { executorNameOf } from "./read/executors.ts";
export { findSandbox, listSandboxPaths } from "./read/find-sandbox.ts";
export type { SandboxPlace } from "./read/find-sandbox.ts";
export { metricsOf } from "./read/metrics.ts";
export type { MachineLoad } from "./read/metrics.ts";
export type { Json } from "./read/resources-json.ts";
export { getAgent, getExecutors, getFrameworks, getState, getTasks } from "./read/responses.ts";
export { stateJson } from "./read/state-json.ts";
export type { StateContext } from "./read/state-json.ts";
export { versionOf } from "./read/version.ts";
export type { AgentVersion } from "./read/version.ts";
