import { assert } from "@tutti/base";
import type { Env } from "@tutti/machine";
import { advanceDeployment, removeIfEmpty } from "./advance-deployment.ts";
import { limits } from "./limits.ts";
import { reconcileApp } from "./reconcile-app.ts";
import type { World } from "./world.ts";

/**
 * Lets everything react to what this step changed, until nothing changes any more: each touched app is
 * reconciled, then the deployments that hold it are taken as far as they can go.
 */
export function settle(world: World, env: Env): void {
  let rounds = 0;
  while (world.dirty.size > 0) {
    rounds += 1;
    assert(rounds <= limits.settleRoundsMax, "apps and deployments come to rest");
    const ids = [...world.dirty];
    world.dirty.clear();
    for (const id of ids) settleApp(world, env, id);
  }
  updateDemand(world, env);
}

function settleApp(world: World, env: Env, id: string): void {
  const app = world.apps.get(id);
  if (app !== undefined) reconcileApp(world, env, app);
  for (const deployment of world.deploymentsOf(id)) advanceDeployment(world, env, deployment.id);
  const left = world.apps.get(id);
  if (left !== undefined) removeIfEmpty(world, env, left);
}

/** Tells the master which roles need offers, if it does not know. */
function updateDemand(world: World, env: Env): void {
  if (!world.connection.connected) return;
  const { calls, retryAtMonoMs } = world.demand.calls(neededRoles(world, env), env.monoMs);
  for (const call of calls) world.call(call);
  if (retryAtMonoMs === undefined) world.timers.delete("revive");
  else world.timers.set("revive", retryAtMonoMs);
}

/** Roles whose offers some app could use now. */
export function neededRoles(world: World, env: Env): ReadonlySet<string> {
  let roles: Set<string> | undefined;
  for (const app of world.apps.values()) {
    if (app.launch.wanted === 0 || app.launch.isDelayed(env.monoMs)) continue;
    roles ??= new Set();
    for (const role of app.offerRoles()) roles.add(role);
  }
  return roles ?? noRoles;
}

const noRoles: ReadonlySet<string> = new Set();
