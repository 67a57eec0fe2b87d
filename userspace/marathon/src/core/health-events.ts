import type { Env } from "@tutti/machine";
import type { VersionedApp } from "@tutti/marathon-v2";
import type { AppState } from "./app-state.ts";
import type { Instance } from "./instance.ts";
import type { World } from "./world.ts";

/**
 * Tells what became of the health of an instance: each failed check, each change from healthy to not or
 * back, in the old words and in the new ones. Rule MAR45.
 */
export function publishHealth(
  world: World,
  env: Env,
  app: AppState,
  { before, after }: { readonly before: Instance; readonly after: Instance },
): void {
  const { health } = after;
  if (health === undefined || health === before.health) return;
  const [healthCheck] = (app.versions.get(after.version) ?? app.applied).healthChecks;
  const { id: instanceId, taskId, appId, version } = after;
  if (!health.alive && healthCheck !== undefined) {
    world.publish(env, "failed_health_check_event", { appId, instanceId, taskId, healthCheck });
  }
  if (health.alive !== (before.health?.alive ?? false)) {
    world.publish(env, "health_status_changed_event", {
      appId,
      instanceId,
      taskId,
      version,
      alive: health.alive,
    });
  }
  if (health.alive !== before.health?.alive) {
    world.publish(env, "instance_health_changed_event", {
      instanceId,
      runSpecId: appId,
      runSpecVersion: version,
      healthy: health.alive,
    });
  }
}

/**
 * Tells which checks begin and end when an app goes from one definition to another; undefined: it is not
 * there before, or is going. Rule MAR45.
 */
export function publishChecks(
  world: World,
  env: Env,
  appId: string,
  {
    before,
    after,
  }: {
    readonly before: VersionedApp | undefined;
    readonly after: VersionedApp | undefined;
  },
): void {
  if (before?.versionInfo.lastConfigChangeAt === after?.versionInfo.lastConfigChangeAt) return;
  if (before !== undefined && before.healthChecks.length > 0) {
    world.publish(env, "remove_health_check_event", { appId });
  }
  for (const healthCheck of after?.healthChecks ?? []) {
    const version = after?.version ?? "";
    world.publish(env, "add_health_check_event", { appId, version, healthCheck });
  }
}
