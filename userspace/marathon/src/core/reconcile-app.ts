import type { Env } from "@tutti/machine";
import type { AppState } from "./app-state.ts";
import { decide } from "./decide.ts";
import { classOf, isReady } from "./instance.ts";
import { decommission } from "./kill-instance.ts";
import { selectSurplus } from "./kill-selection.ts";
import type { World } from "./world.ts";

/**
 * Brings one app a step nearer to what is applied: decommissions what is too much or outdated and says
 * how many instances are to be launched. The only place that decides either. Rules MAR18–MAR23.
 */
export function reconcileApp(world: World, env: Env, app: AppState): void {
  const { applied } = app.record;
  const definition = app.applied;
  const decision = decide(
    {
      instances: applied.instances,
      rolling: applied.rolling,
      upgradeStrategy: definition.upgradeStrategy,
    },
    app.tally,
  );
  if (decision.killOutdatedUnready > 0 || decision.killOutdatedReady > 0) {
    killOutdated(world, env, app, decision.killOutdatedReady);
  }
  if (decision.killSurplus > 0) killSurplus(world, env, app, decision.killSurplus);
  setWanted(world, env, app, decision.launch);
}

/** Outdated instances that are not ready, and `readyCount` of those that are. */
function killOutdated(world: World, env: Env, app: AppState, readyCount: number): void {
  const outdated = [...app.instances.values()].filter(
    (instance) => classOf(instance) === "live" && instance.configVersion !== app.configVersion,
  );
  const ready = outdated.filter(isReady);
  const chosen = selectSurplus(ready, readyCount, {
    selection: app.applied.killSelection,
    configVersion: app.configVersion,
    constraints: app.applied.constraints,
  });
  const unready = outdated.filter((instance) => !isReady(instance));
  for (const instance of [...unready, ...chosen]) decommission(world, env, app, instance);
}

function killSurplus(world: World, env: Env, app: AppState, count: number): void {
  const { rolling } = app.record.applied;
  const { configVersion } = app;
  const candidates = [...app.instances.values()].filter(
    (instance) => !rolling || instance.configVersion === configVersion,
  );
  const chosen = selectSurplus(candidates, count, {
    selection: app.applied.killSelection,
    configVersion,
    constraints: app.applied.constraints,
  });
  for (const instance of chosen) decommission(world, env, app, instance);
}

function setWanted(world: World, env: Env, app: AppState, wanted: number): void {
  const { launch } = app;
  const isOtherVersion = launch.version !== app.applied.version;
  if (launch.backoffConfigVersion !== app.configVersion) launch.resetBackoff();
  if (wanted > 0 && (wanted > launch.wanted || isOtherVersion)) {
    if (launch.wanted === 0 || isOtherVersion) {
      launch.beginAttempt(app.applied.version, env.wallMs);
    }
    world.demand.note(app.offerRoles());
  }
  launch.wanted = wanted;
  if (wanted > 0 && launch.isDelayed(env.monoMs)) {
    world.timers.set(`delay:${app.id}`, launch.notBeforeMonoMs);
  }
}
