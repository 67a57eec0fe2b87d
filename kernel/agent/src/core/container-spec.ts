import { assert } from "@tutti/base";
import type { ContainerCommand, ContainerLimits, ContainerSpec } from "@tutti/containerizer/core";
import type { CommandInfo, FrameworkInfo, TaskInfo } from "@tutti/mesos-v1";
import type { AgentConfig } from "./config.ts";
import { limits } from "./limits.ts";
import { taskEnvironment } from "./task-environment.ts";

/** All that is to be started for a task that was found acceptable. Rules AGT18 and AGT19. */
export function containerSpecOf(options: {
  readonly task: TaskInfo;
  readonly framework: FrameworkInfo;
  readonly frameworkId: string;
  readonly agentId: string;
  readonly containerId: string;
  readonly sandboxDir: string;
  readonly user: string;
  readonly logs?: ContainerSpec["logs"];
  readonly config: AgentConfig;
}): ContainerSpec {
  const { task, containerId, sandboxDir, user, logs, config } = options;
  assert(task.command !== undefined, "only command tasks are accepted");
  return {
    containerId,
    command: containerCommandOf(task.command),
    env: taskEnvironment(options),
    user,
    sandboxDir,
    limits: containerLimitsOf(task, config),
    ...(logs === undefined ? {} : { logs }),
    rootfs: { type: "host" },
  };
}

/** `/bin/sh -c value` or the program with its argument list, whose first is its name. */
export function containerCommandOf(command: CommandInfo): ContainerCommand {
  const value = command.value ?? "";
  if (command.shell !== false) return { type: "shell", value };
  const argv = command.arguments ?? [];
  return { type: "exec", path: value, argv: argv.length === 0 ? [value] : argv };
}

function containerLimitsOf(task: TaskInfo, config: AgentConfig): ContainerLimits {
  const cpusMilli = Math.max(limits.cpusMilliMin, Math.round(scalarOf(task, "cpus") * 1000));
  const cpusLimit = cpusLimitMilliOf(task, cpusMilli, config);
  return {
    cpusMilli,
    ...(cpusLimit === undefined ? {} : { cpusLimitMilli: cpusLimit }),
    memoryBytes: memoryBytesOf(task, config),
    pidsMax: limits.pidsMax,
  };
}

/** The task's own limit, which may be infinite; else what it asked for when the agent has quotas. */
function cpusLimitMilliOf(
  task: TaskInfo,
  cpusMilli: number,
  config: AgentConfig,
): number | undefined {
  const own = task.limits?.["cpus"]?.value;
  if (own === undefined) return config.cpuQuota ? cpusMilli : undefined;
  if (!Number.isFinite(own)) return undefined;
  return Math.max(cpusMilli, Math.round(own * 1000));
}

function memoryBytesOf(task: TaskInfo, config: AgentConfig): number {
  const asked = scalarOf(task, "mem");
  const own = task.limits?.["mem"]?.value ?? asked;
  const megabytes = Number.isFinite(own) ? Math.max(own, asked) : totalMemMbOf(config);
  return Math.max(limits.memoryBytesMin, Math.round(megabytes * 1024 * 1024));
}

function totalMemMbOf(config: AgentConfig): number {
  return sumOf(config.info.resources ?? [], "mem");
}

function scalarOf(task: TaskInfo, name: string): number {
  return sumOf(task.resources ?? [], name);
}

function sumOf(resources: NonNullable<TaskInfo["resources"]>, name: string): number {
  return resources
    .filter((resource) => resource.name === name)
    .reduce((sum, { scalar }) => sum + (scalar?.value ?? 0), 0);
}
