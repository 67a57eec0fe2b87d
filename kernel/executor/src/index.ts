export { CommandExecutor } from "./command-executor.ts";
export type { Drain } from "./drain.ts";
export type { CheckPolicy, HealthPolicy, Probe, TaskPolicy } from "./policy.ts";
export { readKillGraceMs, readTaskPolicy } from "./read-policy.ts";
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
