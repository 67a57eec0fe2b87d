export { limits } from "./limits.ts";
export { reconcileCall, Reconciler } from "./reconciler.ts";
export type { ReconciledTask } from "./reconciler.ts";
export { Subscription } from "./subscription.ts";
export type {
  SchedulerNotice,
  StreamEnd,
  SubscriptionDurable,
  SubscriptionEffect,
  SubscriptionEntry,
  SubscriptionEvent,
  SubscriptionOptions,
  SubscriptionState,
} from "./types.ts";
