import type { PortDefinition, VersionedApp } from "@tutti/marathon-v2";
import type {
  CommandInfo,
  DiscoveryInfo,
  KillPolicy,
  Label,
  Port,
  Resource,
  TaskInfo,
} from "@tutti/mesos-v1";
import { healthLabels, nanosecondsOf } from "@tutti/mesos-v1";
import type { Instance } from "../instance.ts";
import { taskEnvironment } from "./task-environment.ts";
import { judgeOf, taskHealthCheck } from "./task-health-check.ts";

/** The task that Marathon asks the master to launch for an instance. Rules MAR16, MAR17. */
export function buildTask(
  app: VersionedApp,
  instance: Instance,
  resources: readonly Resource[],
): TaskInfo {
  const [check] = app.healthChecks;
  const labels = toLabels(app.labels);
  if (judgeOf(check) === "marathon") labels.push({ key: healthLabels.reportOnly, value: "true" });
  return {
    name: taskNameOf(app.id),
    task_id: { value: instance.taskId },
    agent_id: { value: instance.agentId },
    resources,
    command: commandOf(app, instance),
    ...(check === undefined ? {} : { health_check: taskHealthCheck(check, instance.hostPorts) }),
    ...killPolicyOf(app),
    ...(labels.length === 0 ? {} : { labels: { labels } }),
    discovery: discoveryOf(app, instance.hostPorts),
  };
}

/** The name by which Mesos-DNS and others know tasks of an app: `/shop/web` is `web.shop`. */
export function taskNameOf(appId: string): string {
  return appId.slice(1).split("/").toReversed().join(".");
}

function commandOf(app: VersionedApp, instance: Instance): CommandInfo {
  const { taskId, host, hostPorts } = instance;
  const environment = taskEnvironment(app, { taskId, host, hostPorts });
  const user = app.user === undefined ? {} : { user: app.user };
  if (app.cmd !== undefined) return { shell: true, value: app.cmd, environment, ...user };
  const args = app.args ?? [];
  return { shell: false, value: args[0] ?? "", arguments: args, environment, ...user };
}

function killPolicyOf(app: VersionedApp): { readonly kill_policy?: KillPolicy } {
  const seconds = app.taskKillGracePeriodSeconds;
  if (seconds === undefined) return {};
  return { kill_policy: { grace_period: { nanoseconds: nanosecondsOf(seconds * 1000) } } };
}

function discoveryOf(app: VersionedApp, hostPorts: readonly number[]): DiscoveryInfo {
  const ports = app.portDefinitions.flatMap((definition, index) => {
    const number = hostPorts[index];
    return number === undefined ? [] : discoveryPorts(definition, number);
  });
  return { visibility: "FRAMEWORK", name: taskNameOf(app.id), ports: { ports } };
}

/** One entry per protocol. */
function discoveryPorts(definition: PortDefinition, number: number): readonly Port[] {
  const labels = toLabels(definition.labels);
  return definition.protocol.split(",").map((protocol) => ({
    number,
    ...(definition.name === undefined ? {} : { name: definition.name }),
    protocol,
    ...(labels.length === 0 ? {} : { labels: { labels } }),
  }));
}

function toLabels(labels: Readonly<Record<string, string>>): Label[] {
  return Object.entries(labels).map(([key, value]) => ({ key, value }));
}
