import { assertNever, formatTimestamp } from "@tutti/base";
import type { Env } from "@tutti/machine";
import { conditionOfState } from "@tutti/marathon-v2";
import type { IpAddress } from "@tutti/marathon-v2";
import { healthLabels, msOfNanoseconds } from "@tutti/mesos-v1";
import type { TaskState, TaskStatus } from "@tutti/mesos-v1";
import type { AppState } from "./app-state.ts";
import { appIdOfTask, classOf, instanceIdOfTask, isUnreachable } from "./instance.ts";
import type { Instance, InstanceHealth } from "./instance.ts";
import { publishHealth } from "./health-events.ts";
import { decommission, sendKill } from "./kill-instance.ts";
import { limits } from "./limits.ts";
import { publishInstanceChanged, publishStatus } from "./publish.ts";
import { armUnreachable, giveUpForLost } from "./unreachable.ts";
import type { World } from "./world.ts";

/** What a state means for the life of an instance. */
type Fate = "alive" | "unreachable" | "unknown" | "over";

const fateOfState: Readonly<Record<TaskState, Fate>> = {
  TASK_STAGING: "alive",
  TASK_STARTING: "alive",
  TASK_RUNNING: "alive",
  TASK_KILLING: "alive",
  TASK_UNREACHABLE: "unreachable",
  TASK_UNKNOWN: "unknown",
  TASK_FINISHED: "over",
  TASK_FAILED: "over",
  TASK_KILLED: "over",
  TASK_ERROR: "over",
  TASK_LOST: "over",
  TASK_DROPPED: "over",
  TASK_GONE: "over",
  TASK_GONE_BY_OPERATOR: "over",
};

/**
 * Takes in what the master says of a task and acknowledges it once that is durable. A task that is
 * not known is never killed: only one that Marathon itself decommissioned is. Rules MAR30–MAR34.
 */
export function statusUpdate(world: World, env: Env, status: TaskStatus): void {
  const taskId = status.task_id.value;
  world.reconciler.answered(taskId);
  const known = world.instanceOfTask(taskId);
  if (known !== undefined) updateInstance(world, env, known.app, known.instance, status);
  else updateUnknown(world, env, status);
  if (status.uuid !== undefined && status.agent_id !== undefined) {
    world.call({
      type: "ACKNOWLEDGE",
      acknowledge: { agent_id: status.agent_id, task_id: status.task_id, uuid: status.uuid },
    });
  }
}

function updateInstance(
  world: World,
  env: Env,
  app: AppState,
  instance: Instance,
  status: TaskStatus,
): void {
  const fate = fateOfState[status.state];
  switch (fate) {
    case "alive":
      updateAlive(world, env, app, instance, status);
      break;
    case "unreachable":
    case "unknown":
      updateAway(world, env, app, instance, status, fate === "unknown");
      break;
    case "over":
      updateOver(world, env, app, instance, status);
      break;
    default:
      assertNever(fate);
  }
}

function updateAlive(
  world: World,
  env: Env,
  app: AppState,
  instance: Instance,
  status: TaskStatus,
): void {
  const updated = aliveInstance(instance, status, env);
  const conditionChanged = updated.condition !== instance.condition;
  const wasAway = isUnreachable(instance);
  const wasReplaced = classOf(instance) === "away";
  if (updated !== instance) {
    world.putInstance(app, updated);
    publishStatus(world, env, updated, status);
    world.timers.delete(`unreachable:${instance.taskId}`);
    if (updated.condition !== "Staging") world.timers.delete(`launch:${instance.taskId}`);
    if (conditionChanged) publishInstanceChanged(world, env, updated);
    publishHealth(world, env, app, { before: instance, after: updated });
  }
  if (updated.goal !== "Running") {
    if (wasAway) sendKill(world, env, updated, limits.killRetryFirstMs);
  } else if (wasReplaced && updated.configVersion !== app.configVersion) {
    decommission(world, env, app, updated);
  } else if (mustKillUnhealthy(updated)) killUnhealthy(world, env, app, updated);
}

/**
 * The instance as this status describes it, itself when that is nothing new: most updates are answers to a
 * reconciliation. Time stamps move only when something happened.
 */
function aliveInstance(instance: Instance, status: TaskStatus, env: Env): Instance {
  const condition = conditionOfState[status.state];
  const started = status.state === "TASK_RUNNING" && instance.startedAtMs === undefined;
  const health = healthOf(instance, status, env);
  const isSame =
    condition === instance.condition &&
    status.state === instance.taskState &&
    !started &&
    health === instance.health &&
    instance.unreachableSinceMs === undefined &&
    instance.lost === undefined &&
    hasAddresses(instance.ipAddresses, status);
  if (isSame) return instance;
  const { unreachableSinceMs: _away, lost: _lost, ...rest } = instance;
  return {
    ...rest,
    condition,
    taskState: status.state,
    sinceMs: condition === instance.condition ? instance.sinceMs : env.wallMs,
    ...(started ? { startedAtMs: env.wallMs } : {}),
    ...(health === undefined ? {} : { health }),
    ipAddresses: addressesOf(status) ?? instance.ipAddresses,
  };
}

/** Whether these are the addresses that a status tells, or it tells none. */
function hasAddresses(known: readonly IpAddress[], status: TaskStatus): boolean {
  const told = addressesOf(status);
  if (told === undefined) return true;
  return (
    told.length === known.length &&
    told.every(({ ipAddress, protocol }, at) => {
      const other = known[at];
      return other?.ipAddress === ipAddress && other.protocol === protocol;
    })
  );
}

function healthOf(instance: Instance, status: TaskStatus, env: Env): InstanceHealth | undefined {
  const before = instance.health;
  if (instance.healthJudge === "none" || status.healthy === undefined) return before;
  if (status.healthy) {
    if (before?.alive === true) return before;
    return {
      ...before,
      alive: true,
      consecutiveFailures: 0,
      firstSuccessMs: before?.firstSuccessMs ?? env.wallMs,
      lastSuccessMs: env.wallMs,
    };
  }
  const isNews = status.reason !== "REASON_RECONCILIATION" || before?.alive !== false;
  if (!isNews) return before;
  return {
    ...before,
    alive: false,
    consecutiveFailures: failuresOf(status) ?? (before?.consecutiveFailures ?? 0) + 1,
    lastFailureMs: env.wallMs,
    ...(status.message === undefined
      ? {}
      : { lastFailureCause: status.message.slice(0, limits.messageCharactersMax) }),
  };
}

/** The count of failures in a row that the agent reports, where it does. */
function failuresOf(status: TaskStatus): number | undefined {
  const label = status.labels?.labels?.find(({ key }) => key === healthLabels.consecutiveFailures);
  const count = Number(label?.value ?? Number.NaN);
  return Number.isSafeInteger(count) ? count : undefined;
}

function addressesOf(status: TaskStatus): readonly IpAddress[] | undefined {
  const addresses: IpAddress[] = [];
  for (const network of status.container_status?.network_infos ?? []) {
    for (const { ip_address: ipAddress, protocol = "IPv4" } of network.ip_addresses ?? []) {
      if (ipAddress !== undefined) addresses.push({ ipAddress, protocol });
    }
  }
  return addresses.length === 0 ? undefined : addresses;
}

function mustKillUnhealthy(instance: Instance): boolean {
  return (
    instance.healthJudge === "marathon" &&
    instance.health?.alive === false &&
    instance.failuresMax > 0 &&
    instance.health.consecutiveFailures >= instance.failuresMax
  );
}

function killUnhealthy(world: World, env: Env, app: AppState, instance: Instance): void {
  const reason = instance.health?.lastFailureCause ?? "the health check failed";
  const event = {
    appId: instance.appId,
    taskId: instance.taskId,
    instanceId: instance.id,
    version: instance.version,
    reason,
    host: instance.host,
    slaveId: instance.agentId,
  };
  world.publish(env, "unhealthy_instance_kill_event", event);
  world.publish(env, "unhealthy_task_kill_event", event);
  noteFailure(world, env, app, instance, "TASK_KILLED", `killed as unhealthy: ${reason}`);
  decommission(world, env, app, instance);
}

/** Its agent is away, or the master knows neither task nor agent any more. */
function updateAway(
  world: World,
  env: Env,
  app: AppState,
  instance: Instance,
  status: TaskStatus,
  isUnknown: boolean,
): void {
  if (instance.lost === true || (isUnreachable(instance) && !isUnknown)) return;
  const since = status.unreachable_time?.nanoseconds;
  const away: Instance = {
    ...instance,
    condition: isUnknown ? "Unknown" : "Unreachable",
    taskState: status.state,
    sinceMs: env.wallMs,
    unreachableSinceMs:
      instance.unreachableSinceMs ?? (since === undefined ? env.wallMs : msOfNanoseconds(since)),
  };
  world.putInstance(app, away);
  world.timers.delete(`kill:${instance.taskId}`);
  world.timers.delete(`launch:${instance.taskId}`);
  publishStatus(world, env, away, status);
  publishInstanceChanged(world, env, away);
  if (isUnknown) giveUpForLost(world, env, app, away);
  else armUnreachable(world, env, app, away);
}

/** The agent, or the master, says that the task is no more. */
function updateOver(
  world: World,
  env: Env,
  app: AppState,
  instance: Instance,
  status: TaskStatus,
): void {
  const ended: Instance = {
    ...instance,
    condition: conditionOfState[status.state],
    taskState: status.state,
    sinceMs: env.wallMs,
  };
  world.removeInstance(app, instance);
  publishStatus(world, env, ended, status);
  publishInstanceChanged(world, env, ended);
  if (instance.goal !== "Running" || status.reason === "REASON_INVALID_OFFERS") return;
  if (status.reason === "REASON_AGENT_DRAINING") replaceDrained(world, app);
  else noteFailure(world, env, app, instance, status.state, causeOf(instance, status));
}

/** An operator drains the machine: the app has not failed, and another instance starts at once. Rule MAR38. */
function replaceDrained(world: World, app: AppState): void {
  app.launch.resetBackoff();
  world.demand.note(app.offerRoles());
}

/** Why a task ended, in words for its owner: "terminated" says little when its own check was the reason. */
function causeOf(instance: Instance, status: TaskStatus): string {
  const message = status.message ?? "";
  if (status.state !== "TASK_KILLED" || status.healthy !== false) return message;
  const cause = instance.health?.lastFailureCause;
  return `killed because its health check failed${cause === undefined ? "" : `: ${cause}`} (${message})`;
}

const notTheAppsFault: ReadonlySet<TaskState> = new Set([
  "TASK_GONE",
  "TASK_GONE_BY_OPERATOR",
  "TASK_LOST",
]);

/** Remembers the failure for users and lengthens the back-off where the app is to blame. Rule MAR23. */
function noteFailure(
  world: World,
  env: Env,
  app: AppState,
  instance: Instance,
  state: TaskState,
  message: string,
): void {
  if (state !== "TASK_FINISHED") {
    world.putApp({
      ...app.record,
      lastFailure: {
        appId: app.id,
        host: instance.host,
        message: message.slice(0, limits.messageCharactersMax),
        state,
        taskId: instance.taskId,
        timestamp: formatTimestamp(env.wallMs),
        version: instance.version,
        slaveId: instance.agentId,
      },
    });
  }
  if (notTheAppsFault.has(state)) return;
  const ranMs = instance.startedAtMs === undefined ? 0 : env.wallMs - instance.startedAtMs;
  app.launch.noteFailure(app.applied, instance.configVersion, ranMs, env.monoMs);
}

/** A task of ours that Marathon has no record of. */
function updateUnknown(world: World, env: Env, status: TaskStatus): void {
  const taskId = status.task_id.value;
  const orphan = world.orphans.get(taskId);
  const fate = fateOfState[status.state];
  if (orphan !== undefined) updateOrphan(world, env, orphan, fate);
  const appId = appIdOfTask(taskId);
  if (fate !== "over" || appId === undefined) return;
  world.publish(env, "unknown_instance_terminated_event", {
    instanceId: instanceIdOfTask(taskId),
    runSpecId: appId,
    condition: conditionOfState[status.state],
  });
}

/** A task of an app that is gone: it is killed as soon as its agent is back, and again until it ends. Rules MAR24, MAR36. */
function updateOrphan(world: World, env: Env, orphan: Instance, fate: Fate): void {
  if (fate === "over") {
    world.removeOrphan(orphan);
    return;
  }
  const { unreachableSinceMs, ...rest } = orphan;
  if (fate === "alive") {
    if (unreachableSinceMs !== undefined) world.putOrphan(rest);
    sendKill(world, env, rest, limits.killRetryFirstMs);
  } else if (unreachableSinceMs === undefined) {
    world.timers.delete(`kill:${orphan.taskId}`);
    world.putOrphan({ ...orphan, unreachableSinceMs: env.wallMs });
  }
}
