import { classOf, isReady } from "../instance-class.ts";
import type { Instance } from "@tutti/marathon/core";
import type { Commit, DurableApp, DurableModel } from "../durable-model.ts";
import { demand } from "../violation.ts";
import type { Watched } from "./checker.ts";

/** At each commit of Marathon: no launch beyond what the app's strategy allows. Rule SIM6. */
export function watchStrategy({ cluster, durable }: Watched): void {
  durable.onCommit((commit) => {
    for (const [appId, before] of commit.before) {
      const created = commit.instances.filter(
        (change) => change.before === undefined && change.after?.appId === appId,
      ).length;
      if (created === 0) continue;
      const app = durable.apps.get(appId);
      const returned = commit.instances.filter(
        (change) =>
          change.before?.appId === appId &&
          change.after !== undefined &&
          classOf(change.before) === "away" &&
          classOf(change.after) !== "away",
      ).length;
      const occupied = occupiedBy(durable.instancesOf(appId)) - returned;
      const allowed = Math.max(
        occupiedMaxOf(durable, app),
        occupiedMaxOf(durable, commit.appsBefore.get(appId)),
        occupiedBy(before),
      );
      demand(
        occupied <= allowed,
        "SIM6",
        () => `${appId} has ${occupied} instances after a launch; its strategy allows ${allowed}`,
      );
    }
  });
  void cluster;
}

/** Whether a rolling upgrade that killed a ready instance has left enough others. */
export function keepsCapacity(durable: DurableModel, commit: Commit, appId: string): boolean {
  const limits = [durable.apps.get(appId), commit.appsBefore.get(appId)].map((app) =>
    readyMinOf(durable, app),
  );
  const ready = durable.instancesOf(appId).filter(isReady).length;
  return ready >= Math.min(...limits);
}

function occupiedBy(instances: readonly Instance[]): number {
  return instances.filter((instance) => classOf(instance) !== "away").length;
}

function readyMinOf(durable: DurableModel, app: DurableApp | undefined): number {
  if (app === undefined) return 0;
  const { applied, id } = app;
  const strategy = durable.version(id, applied.version)?.upgradeStrategy;
  return strategy === undefined ? 0 : Math.ceil(applied.instances * strategy.minimumHealthCapacity);
}

/** As Marathon documents it: over-capacity rounded down; one more where nothing could move otherwise. */
function occupiedMaxOf(durable: DurableModel, app: DurableApp | undefined): number {
  if (app === undefined) return 0;
  const { applied, id } = app;
  const strategy = durable.version(id, applied.version)?.upgradeStrategy;
  if (!applied.rolling || strategy === undefined) return applied.instances;
  const over = Math.floor(applied.instances * (1 + strategy.maximumOverCapacity));
  const isStuck = readyMinOf(durable, app) >= applied.instances && over <= applied.instances;
  return isStuck ? applied.instances + 1 : over;
}
