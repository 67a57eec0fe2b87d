import { AppState } from "./app-state.ts";
import type { Env } from "@tutti/machine";
import { isUnreachable } from "./instance.ts";
import { limits } from "./limits.ts";
import { decodeRecords, recordPaths } from "./records.ts";
import type {
  AppRecord,
  Deployment,
  InstanceRecord,
  MarathonDurable,
  VersionRecord,
} from "./records.ts";
import { armUnreachable } from "./unreachable.ts";
import type { World } from "./world.ts";

/**
 * Fills the world from what was durable and arms every deadline again. What was on its way (calls, kills,
 * offers) comes again with the next subscription.
 */
export function recoverWorld(world: World, env: Env, durable: MarathonDurable): void {
  const versions = decodeRecords<VersionRecord>(durable, recordPaths.versions);
  const byApp = Map.groupBy(versions, ({ app }) => app.id);
  for (const record of decodeRecords<AppRecord>(durable, recordPaths.apps)) {
    const app = new AppState(record);
    for (const { app: definition } of byApp.get(record.id) ?? []) {
      app.versions.set(definition.version, definition);
      world.noteVersion(definition.version);
    }
    world.apps.set(record.id, app);
    world.names.put(record.id, app.visible);
  }
  for (const { app } of versions) {
    if (!world.apps.has(app.id)) world.forgetVersion(app.id, app.version);
  }
  for (const deployment of recoveredDeployments(durable)) {
    world.deployments.set(deployment.id, deployment);
    world.noteVersion(deployment.version);
    const leftMs = Math.max(0, deployment.startedAtMs + limits.deploymentMs - env.wallMs);
    world.timers.set(`deployment:${deployment.id}`, env.monoMs + leftMs);
  }
  recoverInstances(world, env, durable);
  for (const id of world.apps.keys()) world.dirty.add(id);
}

/** In the order in which they were accepted. */
function recoveredDeployments(durable: MarathonDurable): readonly Deployment[] {
  return decodeRecords<Deployment>(durable, recordPaths.deployments).toSorted((left, right) =>
    left.version < right.version ? -1 : 1,
  );
}

function recoverInstances(world: World, env: Env, durable: MarathonDurable): void {
  for (const { instance } of decodeRecords<InstanceRecord>(durable, recordPaths.instances)) {
    const app = world.apps.get(instance.appId);
    if (app === undefined) {
      world.orphans.set(instance.taskId, instance);
      continue;
    }
    app.setInstance(instance.id, instance);
    world.appOfTask.set(instance.taskId, app);
    if (instance.condition === "Staging" && instance.goal === "Running") {
      const leftMs = Math.max(0, instance.stagedAtMs + limits.launchTimeoutMs - env.wallMs);
      world.timers.set(`launch:${instance.taskId}`, env.monoMs + leftMs);
    }
  }
  for (const app of world.apps.values()) {
    for (const instance of [...app.instances.values()]) {
      if (isUnreachable(instance)) armUnreachable(world, env, app, instance);
    }
  }
}
