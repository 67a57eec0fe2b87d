import { parseTimestamp } from "@tutti/base";
import { agentAddress, describeCheck, machineFacts, quotaHolds } from "@tutti/marathon-v2";
import type {
  AppFacts,
  InstanceCounts,
  MachineFacts,
  MachineVerdict,
  SickFacts,
  StartingFacts,
  TaskFailure,
  UnreachableFacts,
} from "@tutti/marathon-v2";
import type { AppState } from "../app-state.ts";
import { classOf, isReady, isUnreachable } from "../instance.ts";
import type { Instance } from "../instance.ts";
import type { Deployment } from "../records.ts";
import type { World } from "../world.ts";
import type { Now } from "./now.ts";
import { PortHolders } from "./port-holders.ts";

/** What Marathon knows of an app that explains why it runs as it does. Rule MAR40. */
export function appFacts(world: World, now: Now, app: AppState): AppFacts {
  const { launch } = app;
  // What is launched now is what is applied; users see what it is to become.
  const definition = app.applied;
  const deployment = world.deploymentsOf(app.id)[0];
  const [check] = definition.healthChecks;
  const { lastFailure } = app.record;
  const strategy = definition.unreachableStrategy;
  return {
    id: app.id,
    nowMs: now.wallMs,
    wanted: app.visible?.instances ?? 0,
    ...(app.visible === undefined ? { isRemoved: true } : {}),
    ...instanceFacts(app),
    needs: {
      cpus: definition.cpus,
      mem: definition.mem,
      disk: definition.disk,
      gpus: definition.gpus,
      ports: definition.portDefinitions.length,
    },
    roles: definition.acceptedResourceRoles ?? ["*"],
    ...(world.connection.connected ? {} : { noConnection: world.connection.reason }),
    ...(deployment === undefined ? {} : { deployment: deploymentFacts(app, deployment) }),
    toLaunch: launch.wanted,
    ...(launch.wanted === 0 ? {} : { waitingMs: Math.max(0, now.wallMs - launch.sinceMs) }),
    ...(launch.isDelayed(now.monoMs)
      ? {
          backoff: { failures: launch.failures, leftMs: launch.notBeforeMonoMs - now.monoMs },
        }
      : {}),
    ...(lastFailure === undefined ? {} : { lastFailure: failureFacts(lastFailure, now) }),
    ...(check === undefined
      ? {}
      : { check: { text: describeCheck(check), failuresMax: check.maxConsecutiveFailures } }),
    ...(strategy === "disabled" ? {} : { replacedAfterSeconds: strategy.inactiveAfterSeconds }),
    machinesFrom: now.agents === undefined ? "offers" : "master",
    machines: launch.wanted === 0 ? [] : machinesOf(world, now, app),
    ...(launch.wanted === 0 || now.agents === undefined || now.roles === undefined
      ? {}
      : { quota: quotaHolds(definition, now.agents.agents, now.roles) }),
  };
}

/** How the last offers of machines fared, with those who have the ports that were taken. */
export function verdictsOf(world: World, app: AppState): readonly MachineVerdict[] {
  const holders = new PortHolders(world);
  return [...app.launch.verdicts].map(([agentId, { host, lack, free }]) => ({
    agentId,
    host,
    ...(lack === undefined ? {} : { lack: holders.named(agentId, lack) }),
    ...(free === undefined ? {} : { free }),
  }));
}

/** Every machine, where the master was asked; else those that have offered something. */
function machinesOf(world: World, now: Now, app: AppState): readonly MachineFacts[] {
  const { agents } = now;
  const verdicts = verdictsOf(world, app);
  if (agents === undefined) {
    return verdicts.map(({ host: name, agentId: _, ...rest }) => ({ name, ...rest }));
  }
  const hosts = new Map(agents.agents.map((agent) => [agentAddress(agent).ip, agent.hostname]));
  const names = { nameOf: (host: string) => hosts.get(host) ?? host, all: () => [] };
  const holders = new PortHolders(world);
  return machineFacts(app.applied, agents, {
    verdicts,
    names,
    holders: (agentId, port) => holders.of(agentId, port),
  });
}

/** As many as an explanation can use. */
const troubledMax = 100;

function instanceFacts(
  app: AppState,
): Pick<
  AppFacts,
  "counts" | "outdated" | "readySinceMs" | "sick" | "startingSince" | "unreachable"
> {
  const counts = { ready: 0, notReady: 0, starting: 0, stopping: 0, unreachable: 0, replaced: 0 };
  const sick: SickFacts[] = [];
  const startingSince: StartingFacts[] = [];
  const unreachable: UnreachableFacts[] = [];
  let outdated = 0;
  let readySinceMs: number | undefined;
  for (const instance of app.instances.values()) {
    const place = placeOf(instance);
    if (place === undefined) continue;
    counts[place] += 1;
    const runs = place === "ready" || place === "notReady";
    if (runs && instance.configVersion !== app.configVersion) outdated += 1;
    if (place === "ready") {
      readySinceMs = Math.max(readySinceMs ?? 0, instance.startedAtMs ?? instance.sinceMs);
    } else if (place === "notReady" && sick.length < troubledMax) sick.push(sickFacts(instance));
    else if (place === "starting" && startingSince.length < troubledMax) {
      startingSince.push({ host: instance.host, sinceMs: instance.stagedAtMs });
    } else if (place === "unreachable" && unreachable.length < troubledMax) {
      const { host, unreachableSinceMs: sinceMs } = instance;
      unreachable.push(sinceMs === undefined ? { host } : { host, sinceMs });
    }
  }
  const since = readySinceMs === undefined ? {} : { readySinceMs };
  return { counts, outdated, sick, startingSince, unreachable, ...since };
}

/** Where an instance counts; undefined: nowhere. */
function placeOf(instance: Instance): keyof InstanceCounts | undefined {
  if (instance.lost === true) return undefined;
  const kind = classOf(instance);
  if (kind === "away") return instance.goal === "Running" ? "replaced" : undefined;
  if (kind === "killing" || instance.condition === "Killing") return "stopping";
  if (isUnreachable(instance)) return "unreachable";
  if (instance.condition !== "Running") return "starting";
  return isReady(instance) ? "ready" : "notReady";
}

function sickFacts({ host, taskId, health }: Instance): SickFacts {
  return {
    host,
    taskId,
    failures: health?.consecutiveFailures ?? 0,
    ...(health?.lastFailureCause === undefined ? {} : { cause: health.lastFailureCause }),
  };
}

function deploymentFacts(
  app: AppState,
  { steps, currentStep }: Deployment,
): NonNullable<AppFacts["deployment"]> {
  const actions = steps[currentStep]?.actions ?? [];
  const action = actions.find((each) => each.app === app.id)?.action;
  return {
    ...(action === undefined ? {} : { action }),
    step: currentStep + 1,
    steps: steps.length,
    apps: actions.map((each) => each.app),
  };
}

function failureFacts(
  { state, message, host, taskId, timestamp }: TaskFailure,
  { wallMs }: Now,
): NonNullable<AppFacts["lastFailure"]> {
  return { state, message, host, taskId, atMs: parseTimestamp(timestamp) ?? wallMs };
}
