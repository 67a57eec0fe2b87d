export type {
  App,
  AppConstraint,
  AppHealthCheck,
  AppHealthCheckInput,
  AppInput,
  ConstraintOperator,
  HealthCheckProtocol,
  KillSelection,
  Network,
  NetworkInput,
  PortDefinition,
  PortDefinitionInput,
  PortProtocol,
  UnreachableStrategy,
  UpgradeStrategy,
  VersionedApp,
  VersionInfo,
} from "./app.ts";
export type { AppInfo, AppWarning, GroupInfo } from "./app-info.ts";
export { appDefaults, healthCheckDefaults, mergeAppInput } from "./canonical-app.ts";
export { parseConstraint } from "./constraint.ts";
export type { Constraint } from "./constraint.ts";
export type {
  DeploymentAction,
  DeploymentActionName,
  DeploymentInfo,
  DeploymentResult,
  DeploymentStep,
} from "./deployment.ts";
export type {
  CurrentStep,
  DeploymentPlan,
  MarathonEventBodies,
  MarathonEventType,
  PlanGroup,
  PublishedEvent,
  UnhealthyKill,
} from "./events.ts";
export { describeCheck } from "./explain/describe-check.ts";
export { neverRan, ranOutOfMemory } from "./explain/end-of-task.ts";
export type { EndOfTask } from "./explain/end-of-task.ts";
export { explainApp, formatExplanation, formatWait } from "./explain/explain-app.ts";
export type { Explanation, ExplanationReason } from "./explain/explanation.ts";
export type {
  Amounts,
  AppFacts,
  InstanceCounts,
  Lack,
  MachineFacts,
  MachineVerdict,
  QuotaHold,
  SickFacts,
  StartingFacts,
  UnreachableFacts,
} from "./explain/facts.ts";
export { machineFacts, portHolders } from "./explain/machine-facts.ts";
export type { NamesOfMachines, PortHolders, PortTask } from "./explain/machine-facts.ts";
export { agentAddress } from "./explain/master-agents.ts";
export type {
  FullResource,
  MasterAgent,
  MasterAgents,
  RecoveredAgent,
} from "./explain/master-agents.ts";
export { offerRolesOf, quotaHolds } from "./explain/quota-facts.ts";
export type { MasterRole } from "./explain/quota-facts.ts";
export { durationOf, quoted } from "./explain/words.ts";
export type { MarathonInfo } from "./info.ts";
export { parseLabelSelector } from "./label-selector.ts";
export type { LabelSelector } from "./label-selector.ts";
export { limits } from "./limits.ts";
export { parseAppInput, parseAppInputs, parseTaskIds } from "./parse-app.ts";
export { noMatchReasons } from "./queue.ts";
export type {
  DeclinedOfferStep,
  NoMatchReason,
  OfferValue,
  QueueItem,
  UnusedOffer,
} from "./queue.ts";
export {
  appLocked,
  appNotFound,
  invalidObject,
  refusalBody,
  refusalStatus,
  wrongShape,
} from "./refusals.ts";
export type { MarathonRefusal, MarathonRefusalCode } from "./refusals.ts";
export { conditionOfState } from "./task.ts";
export type {
  Condition,
  Goal,
  Health,
  IpAddress,
  Task,
  TaskCounts,
  TaskFailure,
  TaskStats,
  TaskStatsByVersion,
} from "./task.ts";
export { validateApp } from "./validate-app.ts";
export type { ValidationContext } from "./validate-app.ts";
