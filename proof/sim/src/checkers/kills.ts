import { classOf, isReady } from "../instance-class.ts";
import type { Instance } from "@tutti/marathon/core";
import type { Commit } from "../record-model.ts";
import { demand } from "../violation.ts";
import type { Judged } from "./checker.ts";
import { keepsCapacity } from "./strategy.ts";

/** A launch of which nothing was heard for so long is given up. */
const launchTimeoutMs = 300_000;

/**
 * No healthy task is killed but by the user's wish, an upgrade, a scale-down, its health or a drain of its machine: at the
 * step in which Marathon decides it (SIM7), and when a signal reaches the process (SIM8).
 */
export function watchKills(watched: Judged): void {
  const { cluster, decided, durable, truth } = watched;
  const draining = drainingNodes(watched);
  decided.onCommit((commit) => {
    /** Kills of live instances in this commit that only a surplus explains, by app. */
    const surplusKills = new Map<string, number>();
    for (const { before, after } of commit.instances) {
      if (before?.goal !== "Running" || after?.goal !== "Decommissioned") continue;
      if (isExplained(watched, commit, before, after)) continue;
      const killed = (surplusKills.get(before.appId) ?? 0) + 1;
      surplusKills.set(before.appId, killed);
      const name = watched.cluster.nameOf(before.taskId);
      demand(
        killed <= surplusOf(watched, commit, before.appId),
        "SIM7",
        () => `Marathon decides to kill ${name} without a reason, number ${killed} of the app's`,
      );
    }
  });
  cluster.addObserver(
    (observation) => {
      const isKill =
        observation.type === "containerSignalled" ||
        (observation.type === "containerEnded" && observation.by === "destroy");
      if (!isKill) return;
      const { taskId, containerId } = observation;
      const instance = durable.byTask.get(taskId);
      if (instance?.goal === "Decommissioned") return;
      // SIGKILL after the grace of a kill that was judged when it began.
      if (observation.type === "containerEnded" && truth.signalled.has(containerId)) return;
      // The runtime said that it could not be started: what began nevertheless is cleared away.
      if (truth.launchesFailed.has(containerId)) return;
      if (draining.has(observation.node)) return;
      const container = truth.running.get(containerId);
      const isSick = (container?.failedChecks ?? 0) > 0 && instance?.healthJudge === "executor";
      const name = cluster.nameOf(taskId);
      const why =
        instance === undefined ? "it is not among Marathon's instances" : "its goal is Running";
      demand(isSick, "SIM8", () => `${name} is killed on ${observation.node}, but ${why}`);
    },
    ["containerSignalled", "containerEnded"],
  );
}

/**
 * Machines whose agents were told to drain, by a leader they obey: until they are told to launch again, which nobody
 * does before the drain is over.
 */
function drainingNodes({ cluster }: Judged): ReadonlySet<string> {
  const draining = new Set<string>();
  const epochs = new Map<string, number>();
  cluster.addObserver(
    (observation) => {
      if (observation.type !== "agentTold") return;
      const { node, envelope } = observation;
      if (envelope.epoch < (epochs.get(node) ?? 0)) return;
      epochs.set(node, envelope.epoch);
      if (envelope.message.type === "drainAgent") draining.add(node);
      else if (envelope.message.type === "launchTask") draining.delete(node);
    },
    ["agentTold"],
  );
  return draining;
}

/** Whether there is a reason to kill an instance, other than that there are too many. Judges upgrades. */
function isExplained(
  { cluster, decided, truth }: Judged,
  commit: Commit,
  before: Instance,
  after: Instance,
): boolean {
  const { appId, taskId } = before;
  const app = decided.apps.get(appId);
  if (app === undefined || app.version === undefined) return true;
  if (truth.isKillAsked(before, cluster.nowMs())) return true;
  const configOf = (version: string): string | undefined =>
    decided.version(appId, version)?.versionInfo.lastConfigChangeAt;
  const isOutdated = configOf(app.applied.version) !== before.configVersion;
  // It was given up and replaced; what returns of an old version is of no use any more.
  if (isOutdated && classOf(before) === "away") return true;
  const isRolling = app.applied.rolling || commit.appsBefore.get(appId)?.applied.rolling === true;
  if (isOutdated && isRolling) {
    demand(
      !isReady({ ...after, goal: "Running" }) || keepsCapacity(decided, commit, appId),
      "SIM9",
      () =>
        `the upgrade kills ${cluster.nameOf(taskId)} and leaves too few ready instances of ${appId}`,
    );
    return true;
  }
  const container = [...truth.running.values()].find((one) => one.taskId === taskId);
  const failures = container?.failedChecksMax ?? Infinity;
  if (after.health?.alive === false && failures >= before.failuresMax) return true;
  return before.condition === "Staging" && ageOf(before, cluster) >= launchTimeoutMs;
}

/** How many live instances of an app are there more than wanted, those counted that a commit brings. */
function surplusOf({ decided }: Judged, commit: Commit, appId: string): number {
  const live = commit.instancesBefore(appId).filter((one) => classOf(one) === "live").length;
  const arrived = commit.instances.filter(
    (change) =>
      change.after?.appId === appId &&
      (change.before === undefined || classOf(change.before) === "away"),
  ).length;
  return live + arrived - (decided.apps.get(appId)?.applied.instances ?? 0);
}

/** Milliseconds since an instance was launched, by the clock of Marathon's machine, which may have jumped. */
function ageOf(instance: Instance, cluster: Judged["cluster"]): number {
  return cluster.wallMsOf("marathon") - instance.stagedAtMs + 1_000;
}
