import { formatTimestamp } from "@tutti/base";
import type { Health, Task } from "@tutti/marathon-v2";
import type { AppState } from "../app-state.ts";
import type { Instance } from "../instance.ts";
import type { World } from "../world.ts";

/** Tasks of one app, in the order of their launch. */
export function tasksOfApp(world: World, app: AppState): readonly Task[] {
  return [...world.shownInstances(app)].map((instance) => toTask(app, instance));
}

/** Tasks of all apps. */
export function allTasks(world: World): readonly Task[] {
  return [...world.apps.values()].flatMap((app) => tasksOfApp(world, app));
}

/** One instance as the task that clients see. */
export function toTask(app: AppState, instance: Instance): Task {
  const definition = app.versions.get(instance.version) ?? app.applied;
  const { health, region, zone, startedAtMs } = instance;
  return {
    appId: instance.appId,
    ...(health === undefined ? {} : { healthCheckResults: [toHealth(instance)] }),
    host: instance.host,
    id: instance.taskId,
    ipAddresses: instance.ipAddresses,
    ports: instance.hostPorts,
    servicePorts: definition.portDefinitions.map(({ port }) => port),
    slaveId: instance.agentId,
    state: instance.taskState,
    stagedAt: formatTimestamp(instance.stagedAtMs),
    ...(startedAtMs === undefined ? {} : { startedAt: formatTimestamp(startedAtMs) }),
    version: instance.version,
    localVolumes: [],
    ...(region === undefined ? {} : { region }),
    ...(zone === undefined ? {} : { zone }),
    role: instance.role,
  };
}

function toHealth(instance: Instance): Health {
  const { health } = instance;
  const at = (ms: number | undefined): string | undefined =>
    ms === undefined ? undefined : formatTimestamp(ms);
  return {
    alive: health?.alive ?? false,
    consecutiveFailures: health?.consecutiveFailures ?? 0,
    instanceId: instance.id,
    ...given("firstSuccess", at(health?.firstSuccessMs)),
    ...given("lastSuccess", at(health?.lastSuccessMs)),
    ...given("lastFailure", at(health?.lastFailureMs)),
    ...given("lastFailureCause", health?.lastFailureCause),
  };
}

function given<K extends string>(
  key: K,
  value: string | undefined,
): { readonly [P in K]?: string } {
  const part: { [P in K]?: string } = {};
  if (value !== undefined) part[key] = value;
  return part;
}
