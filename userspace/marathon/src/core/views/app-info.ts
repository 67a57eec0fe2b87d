import { parseTimestamp, present } from "@tutti/base";
import type { AppInfo, TaskStats, TaskStatsByVersion, VersionedApp } from "@tutti/marathon-v2";
import type { AppState } from "../app-state.ts";
import type { Instance } from "../instance.ts";
import type { World } from "../world.ts";
import { appWarnings } from "./app-warnings.ts";
import { tasksOfApp } from "./tasks.ts";
import type { Now } from "./now.ts";

/** What is added to an app, by the `embed` parameter. */
export interface AppEmbed {
  readonly tasks?: boolean;
  readonly counts?: boolean;
  readonly deployments?: boolean;
  readonly lastTaskFailure?: boolean;
  readonly taskStats?: boolean;
  readonly readiness?: boolean;
  readonly warnings?: boolean;
}

/** All embeds: what `GET /v2/apps/{id}` shows without being asked. */
export const embedAll: AppEmbed = {
  tasks: true,
  counts: true,
  deployments: true,
  lastTaskFailure: true,
  readiness: true,
};

/** An app as users see it. Its definition must be visible. */
export function toAppInfo(world: World, now: Now, app: AppState, embed: AppEmbed): AppInfo {
  const definition = present(app.visible, `a definition of ${app.id}`);
  const failure = app.record.lastFailure;
  return {
    ...definition,
    role: definition.role ?? app.offerRoles()[0] ?? "*",
    ...(embed.counts === true ? countsOf(world, app) : {}),
    ...(embed.deployments === true
      ? { deployments: world.deploymentsOf(app.id).map(({ id }) => ({ id })) }
      : {}),
    ...(embed.readiness === true ? { readinessCheckResults: [] } : {}),
    ...(embed.tasks === true ? { tasks: tasksOfApp(world, app) } : {}),
    ...(embed.lastTaskFailure === true && failure !== undefined
      ? { lastTaskFailure: failure }
      : {}),
    ...(embed.warnings === true ? { warnings: appWarnings(world, app) } : {}),
    ...(embed.taskStats === true ? { taskStats: taskStats(world, now, app, definition) } : {}),
  };
}

function countsOf(world: World, app: AppState): Partial<AppInfo> {
  const { staged, running, healthy, unhealthy } = taskCounts([...world.shownInstances(app)]);
  return {
    tasksStaged: staged,
    tasksRunning: running,
    tasksHealthy: healthy,
    tasksUnhealthy: unhealthy,
  };
}

function taskCounts(instances: readonly Instance[]): TaskStats["stats"]["counts"] {
  const running = instances.filter(({ condition }) => condition === "Running");
  return {
    staged: instances.filter(({ condition }) => condition === "Staging" || condition === "Starting")
      .length,
    running: running.length,
    healthy: running.filter(({ health }) => health?.alive === true).length,
    unhealthy: running.filter(({ health }) => health?.alive === false).length,
  };
}

function taskStats(
  world: World,
  now: Now,
  app: AppState,
  definition: VersionedApp,
): TaskStatsByVersion {
  const all = [...world.shownInstances(app)];
  const { lastScalingAt, lastConfigChangeAt } = definition.versionInfo;
  const scaledAtMs = parseTimestamp(lastScalingAt) ?? 0;
  const isLatest = ({ configVersion }: Instance): boolean => configVersion === lastConfigChangeAt;
  const groups = {
    startedAfterLastScaling: all.filter(({ stagedAtMs }) => stagedAtMs > scaledAtMs),
    withLatestConfig: all.filter(isLatest),
    withOutdatedConfig: all.filter((instance) => !isLatest(instance)),
    totalSummary: all,
  };
  return Object.fromEntries(
    Object.entries(groups)
      .filter(([, instances]) => instances.length > 0)
      .map(([name, instances]) => [name, statsOf(instances, now)]),
  );
}

function statsOf(instances: readonly Instance[], now: Now): TaskStats {
  const lifeTimes = instances
    .flatMap(({ startedAtMs }) => (startedAtMs === undefined ? [] : [now.wallMs - startedAtMs]))
    .sort((left, right) => left - right);
  const counts = taskCounts(instances);
  if (lifeTimes.length === 0) return { stats: { counts } };
  const sum = lifeTimes.reduce((total, ms) => total + ms, 0);
  const median = present(lifeTimes[lifeTimes.length >> 1], "a median");
  return {
    stats: {
      counts,
      lifeTime: { averageSeconds: sum / lifeTimes.length / 1000, medianSeconds: median / 1000 },
    },
  };
}
