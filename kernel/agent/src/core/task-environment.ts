import type { CommandInfo, FrameworkInfo, TaskInfo } from "@tutti/mesos-v1";
import type { AgentConfig } from "./config.ts";

/** The path Mesos gives to command tasks. */
const PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/**
 * The whole environment of a command task: what Mesos's agent gives its command executor and that
 * hands on, then the variables of the command, which win. Rule AGT18.
 */
export function taskEnvironment(options: {
  readonly task: TaskInfo;
  readonly framework: FrameworkInfo;
  readonly frameworkId: string;
  readonly agentId: string;
  readonly sandboxDir: string;
  readonly config: AgentConfig;
}): Readonly<Record<string, string>> {
  const { task, framework, frameworkId, agentId, sandboxDir, config } = options;
  const role = allocationRoleOf(task);
  return {
    LIBPROCESS_IP: config.ip,
    LIBPROCESS_PORT: "0",
    MESOS_AGENT_ENDPOINT: `${config.ip}:${config.port}`,
    ...(role === undefined ? {} : { MESOS_ALLOCATION_ROLE: role }),
    MESOS_CHECKPOINT: framework.checkpoint === true ? "1" : "0",
    MESOS_DIRECTORY: sandboxDir,
    MESOS_EXECUTOR_ID: task.task_id.value,
    MESOS_EXECUTOR_SHUTDOWN_GRACE_PERIOD: "5secs",
    MESOS_FRAMEWORK_ID: frameworkId,
    MESOS_HTTP_COMMAND_EXECUTOR: "0",
    MESOS_RECOVERY_TIMEOUT: "15mins",
    MESOS_SANDBOX: sandboxDir,
    MESOS_SLAVE_ID: agentId,
    MESOS_SLAVE_PID: `slave(1)@${config.ip}:${config.port}`,
    MESOS_SUBSCRIPTION_BACKOFF_MAX: "2secs",
    PATH,
    PWD: sandboxDir,
    ...commandVariables(task.command),
  };
}

/** The variables of a command; secrets and empty values of none are left out. */
export function commandVariables(
  command: CommandInfo | undefined,
): Readonly<Record<string, string>> {
  const variables: Record<string, string> = {};
  for (const { name, value } of command?.environment?.variables ?? []) {
    if (value !== undefined) variables[name] = value;
  }
  return variables;
}

function allocationRoleOf(task: TaskInfo): string | undefined {
  return task.resources?.find(({ allocation_info: info }) => info?.role !== undefined)
    ?.allocation_info?.role;
}
