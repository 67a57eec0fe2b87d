import { assertNever, present } from "@tutti/base";
import type { Env } from "@tutti/machine";
import type { DeploymentAction } from "@tutti/marathon-v2";
import type { AppState } from "./app-state.ts";
import { publishChecks } from "./health-events.ts";
import { limits } from "./limits.ts";
import { currentStepOf, groupOf, planOf } from "./publish.ts";
import type { Applied, Deployment } from "./records.ts";
import type { World } from "./world.ts";

/** Begins the current step: applies what its actions say and tells so. */
export function enterStep(world: World, env: Env, deployment: Deployment): void {
  const step = present(deployment.steps[deployment.currentStep], "the current step");
  for (const action of step.actions) {
    const app = world.apps.get(action.app);
    if (app !== undefined) apply(world, env, app, action, deployment);
  }
  world.publish(env, "deployment_info", {
    plan: planOf(world, deployment),
    currentStep: currentStepOf(deployment),
  });
}

function apply(
  world: World,
  env: Env,
  app: AppState,
  action: DeploymentAction,
  deployment: Deployment,
): void {
  const target = deployment.changes.find((change) => change.app === app.id)?.target;
  const before = action.action === "StartApplication" ? undefined : app.applied;
  world.putApp({ ...app.record, applied: appliedBy(app, action, target) });
  const after = action.action === "StopApplication" ? undefined : app.applied;
  publishChecks(world, env, app.id, { before, after });
}

function appliedBy(app: AppState, action: DeploymentAction, target: string | undefined): Applied {
  const version = target ?? app.record.applied.version;
  const instances = app.versions.get(version)?.instances ?? 0;
  switch (action.action) {
    case "StartApplication":
      return { version, instances: 0, rolling: false };
    case "ScaleApplication":
      return { version, instances, rolling: false };
    case "RestartApplication":
      return { version, instances, rolling: true };
    case "StopApplication":
      return { version, instances: 0, rolling: false };
    default:
      return assertNever(action.action);
  }
}

/** Whether an action has reached what it wants. Rule MAR26. */
export function isActionDone(app: AppState | undefined, action: DeploymentAction): boolean {
  if (app === undefined) return true;
  const { tally } = app;
  const { instances } = app.record.applied;
  switch (action.action) {
    case "StartApplication":
      return true;
    case "ScaleApplication":
      return tally.live === instances && tally.ready >= instances && tally.killing === 0;
    case "RestartApplication":
      return (
        tally.outdated === 0 &&
        tally.killing === 0 &&
        tally.current === instances &&
        tally.currentReady === instances
      );
    case "StopApplication":
      return tally.live === 0 && tally.killing === 0;
    default:
      return assertNever(action.action);
  }
}

/**
 * Takes a deployment as far as it can go now: past every step whose actions are done, to its end.
 * Returns whether anything changed.
 */
export function advanceDeployment(world: World, env: Env, id: string): boolean {
  const deployment = world.deployments.get(id);
  if (deployment === undefined) return false;
  const step = present(deployment.steps[deployment.currentStep], "the current step");
  if (!step.actions.every((action) => isActionDone(world.apps.get(action.app), action)))
    return false;
  const plan = planOf(world, deployment);
  world.publish(env, "deployment_step_success", { plan, currentStep: currentStepOf(deployment) });
  const next: Deployment = { ...deployment, currentStep: deployment.currentStep + 1 };
  if (next.currentStep < next.steps.length) {
    world.putDeployment(next);
    enterStep(world, env, next);
    return true;
  }
  world.removeDeployment(deployment);
  for (const change of deployment.changes) settleApp(world, env, change.app);
  world.publish(env, "deployment_success", { id, plan });
  for (const change of deployment.changes) {
    world.publish(env, "group_change_success", {
      groupId: groupOf(change.app),
      version: deployment.version,
    });
  }
  return true;
}

/** A deployment no longer holds this app: a deleted one goes, another stops replacing instances. */
function settleApp(world: World, env: Env, appId: string): void {
  const app = world.apps.get(appId);
  if (app === undefined) return;
  if (removeIfEmpty(world, env, app)) return;
  const { applied } = app.record;
  if (applied.rolling) world.putApp({ ...app.record, applied: { ...applied, rolling: false } });
  collectVersions(world, app);
}

/** Removes an app that was deleted once its last instance is gone and no deployment needs it. */
export function removeIfEmpty(world: World, env: Env, app: AppState): boolean {
  const { tally } = app;
  if (app.record.version !== undefined || tally.occupied > 0) return false;
  if (world.deploymentsOf(app.id).length > 0) return false;
  world.removeApp(app);
  world.publish(env, "app_terminated_event", { appId: app.id });
  return true;
}

/**
 * Ends deployments without finishing them. Their apps keep what was reached: the number of instances of
 * the visible definition, of whatever configuration. Rule MAR28.
 */
export function cancelDeployments(
  world: World,
  env: Env,
  ids: readonly string[],
  reason: string,
): void {
  for (const id of ids) {
    const deployment = world.deployments.get(id);
    if (deployment === undefined) continue;
    const plan = planOf(world, deployment);
    world.removeDeployment(deployment);
    for (const change of deployment.changes) {
      const app = world.apps.get(change.app);
      if (app !== undefined) keepAsIs(world, env, app);
    }
    world.publish(env, "deployment_failed", { id, plan, reason });
  }
}

function keepAsIs(world: World, env: Env, app: AppState): void {
  const { visible, applied: before } = app;
  const applied: Applied =
    visible === undefined
      ? { ...app.record.applied, instances: 0, rolling: false }
      : { version: visible.version, instances: visible.instances, rolling: false };
  world.putApp({ ...app.record, applied });
  if (visible !== undefined) publishChecks(world, env, app.id, { before, after: visible });
}

/** Forgets the oldest versions beyond the bound, but none that something still refers to. */
function collectVersions(world: World, app: AppState): void {
  let excess = app.versions.size - limits.versionsMax;
  if (excess <= 0) return;
  const needed = new Set<string | undefined>([app.record.version, app.record.applied.version]);
  for (const { changes } of world.deployments.values()) {
    for (const change of changes) {
      if (change.app !== app.id) continue;
      needed.add(change.original);
      needed.add(change.target);
    }
  }
  for (const version of [...app.versions.keys()]) {
    if (excess <= 0) return;
    if (needed.has(version)) continue;
    world.removeVersion(app, version);
    excess -= 1;
  }
}
