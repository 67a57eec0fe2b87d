export { limits, reconcileCall, Reconciler } from "./core/index.ts";
export type { ReconciledTask, SchedulerNotice, SubscriptionState } from "./core/index.ts";
export { createSchedulerClient } from "./shell/scheduler-client.ts";
export type {
  FrameworkIdStore,
  SchedulerClient,
  SchedulerClientOptions,
} from "./shell/scheduler-client.ts";
