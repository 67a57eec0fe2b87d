import { classOf, isReady } from "../instance-class.ts";
import type { Instance } from "@tutti/marathon/core";
import type { Commit, DurableApp, RecordModel } from "../record-model.ts";
import { demand } from "../violation.ts";
import type { Judged } from "./checker.ts";

/** At each step of Marathon: no launch beyond what the app's strategy allows. Rule SIM6. */
export function watchStrategy({ decided }: Judged): void {
  decided.onCommit((commit) => {
    for (const appId of commit.appsBefore.keys()) {
      const created = commit.instances.filter(
        (change) => change.before === undefined && change.after?.appId === appId,
      ).length;
      if (created === 0) continue;
      const app = decided.apps.get(appId);
      const returned = commit.instances.filter(
        (change) =>
          change.before?.appId === appId &&
          change.after !== undefined &&
          classOf(change.before) === "away" &&
          classOf(change.after) !== "away",
      ).length;
      const occupied = occupiedBy(decided.instancesOf(appId)) - returned;
      const allowed = Math.max(
        occupiedMaxOf(decided, app),
        occupiedMaxOf(decided, commit.appsBefore.get(appId)),
        occupiedBy(commit.instancesBefore(appId)),
      );
      demand(
        occupied <= allowed,
        "SIM6",
        () => `${appId} has ${occupied} instances after a launch; its strategy allows ${allowed}`,
      );
    }
  });
}

/** Whether a rolling upgrade that killed a ready instance has left enough others. */
export function keepsCapacity(model: RecordModel, commit: Commit, appId: string): boolean {
  const limits = [model.apps.get(appId), commit.appsBefore.get(appId)].map((app) =>
    readyMinOf(model, app),
  );
  const ready = model.instancesOf(appId).filter(isReady).length;
  return ready >= Math.min(...limits);
}

function occupiedBy(instances: readonly Instance[]): number {
  return instances.filter((instance) => classOf(instance) !== "away").length;
}

function readyMinOf(model: RecordModel, app: DurableApp | undefined): number {
  if (app === undefined) return 0;
  const { applied, id } = app;
  const strategy = model.version(id, applied.version)?.upgradeStrategy;
  return strategy === undefined ? 0 : Math.ceil(applied.instances * strategy.minimumHealthCapacity);
}

/** As Marathon documents it: over-capacity rounded down; one more where nothing could move otherwise. */
function occupiedMaxOf(model: RecordModel, app: DurableApp | undefined): number {
  if (app === undefined) return 0;
  const { applied, id } = app;
  const strategy = model.version(id, applied.version)?.upgradeStrategy;
  if (!applied.rolling || strategy === undefined) return applied.instances;
  const over = Math.floor(applied.instances * (1 + strategy.maximumOverCapacity));
  const isStuck = readyMinOf(model, app) >= applied.instances && over <= applied.instances;
  return isStuck ? applied.instances + 1 : over;
}
