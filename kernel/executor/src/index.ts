export { CommandExecutor, consecutiveFailuresLabel } from "./command-executor.ts";
export { limits } from "./limits.ts";
export type { CheckPolicy, HealthPolicy, Probe, TaskPolicy } from "./policy.ts";
export { readKillGraceMs, readTaskPolicy, reportOnlyLabel } from "./read-policy.ts";
export { describeSignal, signals } from "./signal-names.ts";
export type {
  CheckPurpose,
  CommandExit,
  ExecutorAction,
  ExecutorClock,
  ExecutorState,
  HealthState,
  KillCause,
  Outcome,
  ProbeResult,
  StatusDraft,
} from "./types.ts";
