import type { App, AppHealthCheck, VersionedApp } from "./app.ts";
import type { DeploymentAction, DeploymentActionName, DeploymentStep } from "./deployment.ts";
import type { Condition, Goal, IpAddress } from "./task.ts";

/** The plan of a deployment inside its events. */
export interface DeploymentPlan {
  readonly id: string;
  readonly original: PlanGroup;
  readonly target: PlanGroup;
  readonly steps: readonly DeploymentStep[];
  readonly version: string;
}

/** The root group before and after a deployment; holds only the apps the deployment touches. */
export interface PlanGroup {
  readonly id: "/";
  readonly apps: readonly VersionedApp[];
  readonly dependencies: readonly string[];
  readonly groups: readonly never[];
  readonly pods: readonly never[];
  readonly version: string;
}

/** What stands in every `deployment_*` event about the present step. */
export interface CurrentStep {
  readonly actions: readonly (DeploymentAction & { readonly type: DeploymentActionName })[];
}

/** Every event of `/v2/events` by its type, without `eventType` and `timestamp`. */
export interface MarathonEventBodies {
  /** A check of an app begins; Marathon's own, judged by Marathon or by the executor. */
  readonly add_health_check_event: {
    readonly appId: string;
    readonly version: string;
    readonly healthCheck: AppHealthCheck;
  };
  readonly api_post_event: {
    readonly clientIp: string;
    readonly uri: string;
    readonly appDefinition: App | { readonly id: string };
  };
  readonly app_terminated_event: { readonly appId: string };
  readonly deployment_failed: {
    readonly id: string;
    readonly plan: DeploymentPlan;
    readonly reason: string;
  };
  readonly deployment_info: {
    readonly plan: DeploymentPlan;
    readonly currentStep: CurrentStep;
  };
  readonly deployment_step_failure: {
    readonly plan: DeploymentPlan;
    readonly currentStep: CurrentStep;
  };
  readonly deployment_step_success: {
    readonly plan: DeploymentPlan;
    readonly currentStep: CurrentStep;
  };
  readonly deployment_success: { readonly id: string; readonly plan: DeploymentPlan };
  readonly event_stream_attached: { readonly remoteAddress: string };
  readonly event_stream_detached: { readonly remoteAddress: string };
  readonly failed_health_check_event: {
    readonly appId: string;
    readonly instanceId: string;
    /** The name before Marathon 1.5. */
    readonly taskId: string;
    readonly healthCheck: AppHealthCheck;
  };
  /** `message`: in Base64. */
  readonly framework_message_event: {
    readonly slaveId: string;
    readonly executorId: string;
    readonly message: string;
  };
  readonly group_change_failed: {
    readonly groupId: string;
    readonly version: string;
    readonly reason: string;
  };
  readonly group_change_success: { readonly groupId: string; readonly version: string };
  readonly health_status_changed_event: {
    readonly appId: string;
    readonly instanceId: string;
    /** The name before Marathon 1.5. */
    readonly taskId: string;
    readonly version: string;
    readonly alive: boolean;
  };
  readonly instance_changed_event: {
    readonly instanceId: string;
    readonly condition: Condition;
    readonly goal: Goal;
    readonly runSpecId: string;
    readonly agentId: string;
    readonly host: string;
    readonly runSpecVersion: string;
  };
  readonly instance_health_changed_event: {
    readonly instanceId: string;
    readonly runSpecId: string;
    readonly runSpecVersion: string;
    readonly healthy: boolean;
  };
  readonly remove_health_check_event: { readonly appId: string };
  readonly scheduler_disconnected_event: Readonly<Record<never, never>>;
  readonly scheduler_registered_event: { readonly frameworkId: string; readonly master: string };
  readonly scheduler_reregistered_event: { readonly master: string };
  readonly status_update_event: {
    readonly slaveId: string;
    readonly taskId: string;
    readonly taskStatus: string;
    readonly message: string;
    readonly appId: string;
    readonly host: string;
    readonly ipAddresses: readonly IpAddress[];
    readonly ports: readonly number[];
    readonly version: string;
  };
  readonly unhealthy_instance_kill_event: UnhealthyKill;
  /** The name before Marathon 1.4; sent beside the new one for old readers. */
  readonly unhealthy_task_kill_event: UnhealthyKill;
  readonly unknown_instance_terminated_event: {
    readonly instanceId: string;
    readonly runSpecId: string;
    readonly condition: Condition;
  };
}

/** An instance that Marathon kills because its health check failed. */
export interface UnhealthyKill {
  readonly appId: string;
  readonly taskId: string;
  readonly instanceId: string;
  readonly version: string;
  readonly reason: string;
  readonly host: string;
  readonly slaveId: string;
}

/** The name of an event. */
export type MarathonEventType = keyof MarathonEventBodies;

/** An event as it is published: its fields, its name and when it happened (RFC 3339). */
export type PublishedEvent = {
  readonly [T in MarathonEventType]: MarathonEventBodies[T] & {
    readonly eventType: T;
    readonly timestamp: string;
  };
}[MarathonEventType];
