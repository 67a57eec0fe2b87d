import type { Env } from "@tutti/machine";
import { reconcileCall } from "@tutti/sdk/core";
import type { AppState } from "./app-state.ts";
import { isUnreachable } from "./instance.ts";
import type { Instance } from "./instance.ts";
import { limits } from "./limits.ts";
import { publishInstanceChanged } from "./publish.ts";
import type { World } from "./world.ts";

/** When an instance whose agent is away becomes inactive and when it is given up: wall clock. */
function deadlinesOf(
  app: AppState,
  sinceMs: number,
): { readonly inactiveMs: number; readonly expungeMs: number } | undefined {
  const strategy = app.applied.unreachableStrategy;
  if (strategy === "disabled") return undefined;
  return {
    inactiveMs: sinceMs + strategy.inactiveAfterSeconds * 1000,
    expungeMs:
      sinceMs + Math.max(strategy.inactiveAfterSeconds, strategy.expungeAfterSeconds) * 1000,
  };
}

/**
 * Lets time work on an instance whose agent is away: first it is inactive and gets a replacement, then it
 * is given up for lost; still it is remembered, so that its return is no surprise. Rules MAR35, MAR36.
 */
export function armUnreachable(world: World, env: Env, app: AppState, instance: Instance): void {
  if (instance.lost === true || instance.unreachableSinceMs === undefined) return;
  watchAway(world, env);
  const deadlines = deadlinesOf(app, instance.unreachableSinceMs);
  if (deadlines === undefined) return;
  if (env.wallMs >= deadlines.expungeMs) {
    giveUpForLost(world, env, app, instance);
    return;
  }
  const isActive = instance.condition !== "UnreachableInactive";
  if (isActive && env.wallMs >= deadlines.inactiveMs) {
    const inactive: Instance = {
      ...instance,
      condition: "UnreachableInactive",
      sinceMs: env.wallMs,
    };
    world.putInstance(app, inactive);
    publishInstanceChanged(world, env, inactive);
    armUnreachable(world, env, app, inactive);
    return;
  }
  const next = isActive ? deadlines.inactiveMs : deadlines.expungeMs;
  world.timers.set(`unreachable:${instance.taskId}`, env.monoMs + (next - env.wallMs));
}

/** Counts it no more and shows it no more; bounded, the longest lost are forgotten. */
export function giveUpForLost(world: World, env: Env, app: AppState, instance: Instance): void {
  if (instance.lost === true) return;
  if (instance.condition !== "UnreachableInactive" && instance.condition !== "Unknown") {
    publishInstanceChanged(world, env, { ...instance, condition: "UnreachableInactive" });
  }
  world.putInstance(app, { ...instance, lost: true });
  const lost = [...app.instances.values()].filter((other) => other.lost === true);
  if (lost.length <= limits.lostInstancesMax) return;
  const [oldest] = lost.sort((left, right) => left.sinceMs - right.sinceMs);
  if (oldest !== undefined) world.removeInstance(app, oldest);
}

/** From now on the master is asked now and then about tasks that are away. */
function watchAway(world: World, env: Env): void {
  if (!world.timers.has("away")) world.timers.set("away", env.monoMs + limits.awayIntervalMs);
}

/**
 * Asks for tasks that are away: an agent that comes back without one tells nobody of it, and a master that began anew
 * meanwhile never knew it. So many at a time, those that were not asked for longest. Rule MAR50.
 */
export function askForAway(world: World, env: Env): void {
  const away = [...awayInstances(world)];
  if (away.length === 0) return;
  watchAway(world, env);
  if (!world.connection.connected) return;
  const from = world.awayAsked % away.length;
  const tasks = [...away.slice(from), ...away.slice(0, from)].slice(0, limits.awayAskedMax);
  world.awayAsked = from + tasks.length;
  world.call(reconcileCall(tasks.map(({ taskId, agentId }) => ({ taskId, agentId }))));
}

function* awayInstances(world: World): Iterable<Instance> {
  for (const app of world.apps.values())
    for (const instance of app.instances.values())
      if (isUnreachable(instance) && instance.lost !== true) yield instance;
}
