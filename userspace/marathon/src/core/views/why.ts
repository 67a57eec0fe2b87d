import { explainApp, formatWait } from "@tutti/marathon-v2";
import type { DeploymentAction, Explanation } from "@tutti/marathon-v2";
import type { AppState } from "../app-state.ts";
import { isActionDone } from "../advance-deployment.ts";
import type { Deployment } from "../records.ts";
import type { World } from "../world.ts";
import { appFacts } from "./app-facts.ts";
import type { Now } from "./now.ts";

/** Why an app has not launched all it wants, for people. Rule MAR40. */
export function explainWait(world: World, now: Now, app: AppState): Explanation {
  return explainApp(appFacts(world, now, app));
}

/** What one action of a deployment waits for; undefined: it is done. */
export function explainAction(
  world: World,
  now: Now,
  action: DeploymentAction,
): Explanation | undefined {
  const app = world.apps.get(action.app);
  return app === undefined || isActionDone(app, action) ? undefined : explainWait(world, now, app);
}

/** What a deployment waits for: its actions that are not done, in running text. */
export function whyDeploymentWaits(world: World, now: Now, deployment: Deployment): string {
  const actions = deployment.steps[deployment.currentStep]?.actions ?? [];
  return actions
    .flatMap((action) => {
      const explanation = explainAction(world, now, action);
      return explanation === undefined ? [] : `${action.app}: ${formatWait(explanation)}`;
    })
    .join(" ");
}
