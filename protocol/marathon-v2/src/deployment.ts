import type { Explanation } from "./explain/explanation.ts";

/** What a deployment does to one app. */
export type DeploymentActionName =
  | "StartApplication"
  | "StopApplication"
  | "ScaleApplication"
  | "RestartApplication";

/** One action of a step. */
export interface DeploymentAction {
  readonly action: DeploymentActionName;
  readonly app: string;
}

/** Actions that run at the same time. */
export interface DeploymentStep {
  readonly actions: readonly DeploymentAction[];
}

/** The answer of every change: which deployment carries it out. */
export interface DeploymentResult {
  readonly version: string;
  readonly deploymentId: string;
}

/** A running deployment as `/v2/deployments` shows it. */
export interface DeploymentInfo {
  readonly id: string;
  readonly version: string;
  readonly affectedApps: readonly string[];
  readonly affectedPods: readonly never[];
  readonly steps: readonly DeploymentStep[];
  readonly currentActions: readonly (DeploymentAction & {
    readonly readinessCheckResults: readonly never[];
    /** Ours: what this action waits for and what would help; absent: it is done. */
    readonly explanation?: Explanation;
    /** Ours: the explanation in running text, without its advice. */
    readonly why: string;
  })[];
  /** From 1. */
  readonly currentStep: number;
  readonly totalSteps: number;
  /** Ours: what its actions wait for, each with its app. */
  readonly why: string;
}
