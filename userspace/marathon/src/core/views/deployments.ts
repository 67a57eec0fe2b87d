import { formatWait } from "@tutti/marathon-v2";
import type { DeploymentAction, DeploymentInfo } from "@tutti/marathon-v2";
import type { Deployment } from "../records.ts";
import type { World } from "../world.ts";
import type { Now } from "./now.ts";
import { explainAction, whyDeploymentWaits } from "./why.ts";

/** All running deployments, the oldest first. */
export function allDeployments(world: World, now: Now): readonly DeploymentInfo[] {
  return [...world.deployments.values()].map((deployment) => toInfo(world, now, deployment));
}

function toInfo(world: World, now: Now, deployment: Deployment): DeploymentInfo {
  const actions = deployment.steps[deployment.currentStep]?.actions ?? [];
  return {
    id: deployment.id,
    version: deployment.version,
    affectedApps: deployment.changes.map(({ app }) => app),
    affectedPods: [],
    steps: deployment.steps,
    currentActions: actions.map((action) => toAction(world, now, action)),
    currentStep: deployment.currentStep + 1,
    totalSteps: deployment.steps.length,
    why: whyDeploymentWaits(world, now, deployment),
  };
}

function toAction(
  world: World,
  now: Now,
  action: DeploymentAction,
): DeploymentInfo["currentActions"][number] {
  const explanation = explainAction(world, now, action);
  return {
    ...action,
    readinessCheckResults: [],
    ...(explanation === undefined ? {} : { explanation }),
    why: explanation === undefined ? "Done." : formatWait(explanation),
  };
}
