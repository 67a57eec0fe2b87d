import { ok, refuse, utf8Length } from "@tutti/base";
import type { Result } from "@tutti/base";
import type { CommandInfo, ContainerInfo, TaskInfo } from "@tutti/mesos-v1";
import { limits } from "./limits.ts";

/**
 * Refuses (TASK_INVALID) a task that this agent cannot run as it is defined: better no task than one
 * that lacks a file, a volume or a network it counts on. Rule AGT15.
 */
export function checkTask(task: TaskInfo, agentId: string): Result<CommandInfo> {
  if (task.agent_id.value !== agentId) {
    return refuse(
      "TASK_INVALID",
      `Task uses invalid agent ${task.agent_id.value} while agent ${agentId} is expected`,
    );
  }
  const { command } = task;
  if (task.executor !== undefined || command === undefined) {
    return refuse(
      "TASK_INVALID",
      "Task brings its own executor: this agent runs command tasks only",
    );
  }
  return checkContainer(task.container) ?? checkCommand(command) ?? ok(command);
}

function checkCommand(command: CommandInfo): Result<never> | undefined {
  if (command.value === undefined || command.value === "") {
    return refuse("TASK_INVALID", "Task has no command: set 'command.value'");
  }
  if ((command.uris ?? []).length > 0) {
    return refuse(
      "TASK_INVALID",
      "Task names files to fetch: this agent fetches no URIs; let the command itself get them, or leave 'command.uris' empty",
    );
  }
  return checkEnvironment(command);
}

function checkEnvironment(command: CommandInfo): Result<never> | undefined {
  let bytes = 0;
  for (const { name, type, value, secret } of command.environment?.variables ?? []) {
    if (type === "SECRET" || secret !== undefined) {
      return refuse(
        "TASK_INVALID",
        `Environment variable '${name}' is a secret: this agent has none`,
      );
    }
    if (name === "" || name.includes("=") || name.includes("\0")) {
      return refuse("TASK_INVALID", `'${name}' is not a name of an environment variable`);
    }
    if (value?.includes("\0") === true) {
      return refuse("TASK_INVALID", `Environment variable '${name}' contains a zero byte`);
    }
    bytes += utf8Length(name) + utf8Length(value ?? "") + 2;
  }
  return bytes > limits.environmentBytesMax
    ? refuse(
        "TASK_INVALID",
        `Environment has ${bytes} bytes; the most is ${limits.environmentBytesMax}`,
      )
    : undefined;
}

function checkContainer(container: ContainerInfo | undefined): Result<never> | undefined {
  if (container === undefined) return undefined;
  if (container.type !== "MESOS") {
    return refuse(
      "TASK_INVALID",
      `This agent has no containerizer for ${container.type} containers`,
    );
  }
  if (container.mesos?.image !== undefined) {
    return refuse(
      "TASK_INVALID",
      "Task names an image: this agent runs tasks on the machine's own file system",
    );
  }
  if ((container.volumes ?? []).length > 0) {
    return refuse("TASK_INVALID", "Task names volumes: this agent mounts none");
  }
  const networks = container.network_infos ?? [];
  if (
    networks.some(
      ({ name, port_mappings: ports }) => name !== undefined || (ports ?? []).length > 0,
    )
  ) {
    return refuse("TASK_INVALID", "Task names a network: this agent has the machine's own only");
  }
  return undefined;
}
