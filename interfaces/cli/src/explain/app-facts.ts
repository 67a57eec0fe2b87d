import { parseTimestamp } from "@tutti/base";
import {
  type AppFacts,
  type AppInfo,
  type DeploymentInfo,
  describeCheck,
  type InstanceCounts,
  type MachineFacts,
  type QueueItem,
  type QuotaHold,
  type Task,
} from "@tutti/marathon-v2";
import type { MachineNames } from "../machine-names.ts";

/** What the cluster says about one app. */
export interface AppAnswers {
  readonly app: AppInfo;
  readonly deployments: readonly DeploymentInfo[];
  /** Absent: nothing waits to be launched. */
  readonly queued: Partial<QueueItem> | undefined;
  readonly noConnection: string | undefined;
  readonly machinesFrom: AppFacts["machinesFrom"];
  readonly machines: readonly MachineFacts[];
  /** What quota keeps from one more instance; undefined: the master did not say. */
  readonly quota: readonly QuotaHold[] | undefined;
  readonly names: MachineNames;
  /** Wall clock. */
  readonly nowMs: number;
  readonly warnings: readonly string[];
}

/** The facts of an app, from Marathon's and the master's answers. */
export function appFacts(answers: AppAnswers): AppFacts {
  const { app, queued, noConnection, nowMs, machines, machinesFrom } = answers;
  const tasks = app.tasks ?? [];
  const hasCheck = app.healthChecks.length > 0;
  const ready = tasks.filter((task) => isReady(task, hasCheck));
  const toLaunch = queued?.count ?? 0;
  const deployment = deploymentOf(answers);
  const [check] = app.healthChecks;
  return {
    id: app.id,
    nowMs,
    wanted: app.instances,
    counts: countsOf(app, { ready: ready.length, toLaunch }),
    outdated: tasks.filter(
      ({ state, version }) =>
        state === "TASK_RUNNING" && version < app.versionInfo.lastConfigChangeAt,
    ).length,
    ...readySince(ready),
    needs: {
      cpus: app.cpus,
      mem: app.mem,
      disk: app.disk,
      gpus: app.gpus,
      ports: app.portDefinitions.length,
    },
    roles: app.acceptedResourceRoles ?? ["*"],
    ...(noConnection === undefined ? {} : { noConnection }),
    ...(deployment === undefined ? {} : { deployment }),
    toLaunch,
    ...waitingOf(answers),
    ...backoffOf(queued),
    ...failureOf(answers),
    ...(check === undefined
      ? {}
      : { check: { text: describeCheck(check), failuresMax: check.maxConsecutiveFailures } }),
    ...troubledOf(answers, hasCheck),
    ...replacedAfter(app),
    ...(answers.warnings.length === 0 ? {} : { warnings: answers.warnings }),
    machinesFrom,
    machines,
    ...(answers.quota === undefined ? {} : { quota: answers.quota }),
  };
}

function isReady({ state, healthCheckResults = [] }: Task, hasCheck: boolean): boolean {
  if (state !== "TASK_RUNNING") return false;
  return (
    !hasCheck || (healthCheckResults.length > 0 && healthCheckResults.every((each) => each.alive))
  );
}

function countsOf(
  app: AppInfo,
  { ready, toLaunch }: { readonly ready: number; readonly toLaunch: number },
): InstanceCounts {
  const count = (...states: readonly string[]): number =>
    (app.tasks ?? []).filter(({ state }) => states.includes(state)).length;
  const running = count("TASK_RUNNING");
  const starting = count("TASK_STAGING", "TASK_STARTING");
  const away = count("TASK_UNREACHABLE", "TASK_UNKNOWN");
  // Marathon does not say which of them it has replaced: as many as there are too many.
  const surplus = running + starting + away + toLaunch - app.instances;
  const replaced = Math.min(away, Math.max(0, surplus));
  return {
    ready,
    notReady: running - ready,
    starting,
    stopping: count("TASK_KILLING"),
    unreachable: away - replaced,
    replaced,
  };
}

function readySince(ready: readonly Task[]): Pick<AppFacts, "readySinceMs"> {
  const times = ready.flatMap(({ startedAt = "" }) => parseTimestamp(startedAt) ?? []);
  return times.length === 0 ? {} : { readySinceMs: Math.max(...times) };
}

function deploymentOf({ app, deployments }: AppAnswers): AppFacts["deployment"] {
  const ids = new Set((app.deployments ?? []).map(({ id }) => id));
  const found = deployments.find(({ id }) => ids.has(id));
  if (found === undefined) return undefined;
  const action = found.currentActions.find((each) => each.app === app.id)?.action;
  return {
    ...(action === undefined ? {} : { action }),
    step: found.currentStep,
    steps: found.totalSteps,
    apps: found.currentActions.map((each) => each.app),
  };
}

function waitingOf({ queued, nowMs }: AppAnswers): Pick<AppFacts, "waitingMs"> {
  const sinceMs = parseTimestamp(queued?.since ?? "");
  return sinceMs === undefined ? {} : { waitingMs: Math.max(0, nowMs - sinceMs) };
}

function backoffOf(queued: Partial<QueueItem> | undefined): Pick<AppFacts, "backoff"> {
  const leftSeconds = queued?.delay?.timeLeftSeconds ?? 0;
  if (leftSeconds <= 0) return {};
  const failures = queued?.failures ?? 0;
  return { backoff: { leftMs: leftSeconds * 1000, ...(failures === 0 ? {} : { failures }) } };
}

function failureOf({ app, names, nowMs }: AppAnswers): Pick<AppFacts, "lastFailure"> {
  const failure = app.lastTaskFailure;
  if (failure === undefined) return {};
  const { state, message, host, taskId, timestamp } = failure;
  const atMs = parseTimestamp(timestamp) ?? nowMs;
  return { lastFailure: { state, message, host: names.nameOf(host), taskId, atMs } };
}

/** As many as an explanation can use. */
const troubledMax = 100;

function troubledOf(
  { app, names }: AppAnswers,
  hasCheck: boolean,
): Pick<AppFacts, "sick" | "startingSince" | "unreachable"> {
  const tasks = app.tasks ?? [];
  const sick = tasks
    .filter((task) => task.state === "TASK_RUNNING" && !isReady(task, hasCheck))
    .slice(0, troubledMax)
    .map(({ id, host, healthCheckResults: [health] = [] }) => ({
      host: names.nameOf(host),
      taskId: id,
      failures: health?.consecutiveFailures ?? 0,
      ...(health?.lastFailureCause === undefined ? {} : { cause: health.lastFailureCause }),
    }));
  const unreachable = tasks
    .filter(({ state }) => state === "TASK_UNREACHABLE" || state === "TASK_UNKNOWN")
    .slice(0, troubledMax)
    .map(({ host }) => ({ host: names.nameOf(host) }));
  const startingSince = tasks
    .filter(({ state }) => state === "TASK_STAGING" || state === "TASK_STARTING")
    .slice(0, troubledMax)
    .flatMap(({ host, stagedAt }) => {
      const sinceMs = parseTimestamp(stagedAt ?? "");
      return sinceMs === undefined ? [] : [{ host: names.nameOf(host), sinceMs }];
    });
  return { sick, startingSince, unreachable };
}

function replacedAfter({ unreachableStrategy }: AppInfo): Pick<AppFacts, "replacedAfterSeconds"> {
  if (unreachableStrategy === "disabled") return {};
  return { replacedAfterSeconds: unreachableStrategy.inactiveAfterSeconds };
}
