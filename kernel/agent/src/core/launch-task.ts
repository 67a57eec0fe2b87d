import { ok, refuse } from "@tutti/base";
import type { Result } from "@tutti/base";
import { readTaskPolicy } from "@tutti/executor";
import type { StatusDraft } from "@tutti/executor";
import { checkFrameworkTaskIds } from "./check-ids.ts";
import type { ContainerSpec } from "@tutti/containerizer/core";
import type { Env } from "@tutti/machine";
import type { FrameworkInfo, TaskInfo } from "@tutti/mesos-v1";
import type { MasterMessage } from "@tutti/node-v1";
import { Resources } from "@tutti/resources";
import { taskKey } from "./agent.ts";
import type { Agent } from "./agent.ts";
import { checkTask } from "./check-task.ts";
import { containerSpecOf } from "./container-spec.ts";
import { holdTask } from "./held-task.ts";
import type { HeldTask } from "./held-task.ts";
import { limits } from "./limits.ts";
import { logBoundsOf } from "./log-bounds.ts";
import { recordVersion } from "./records.ts";
import { sandboxPathsOf } from "./sandbox-paths.ts";
import { commandVariables } from "./task-environment.ts";
import { decideUser } from "./task-user.ts";
import { addUpdate, applyOutcome } from "./update-task.ts";

/**
 * Orders a task started: first its records and TASK_STARTING become durable, then the runtime is
 * called. A task that is known and not over is left as it is. Rules AGT4 to AGT6.
 */
export function launchTask(
  agent: Agent,
  message: Extract<MasterMessage, { type: "launchTask" }>,
  env: Env,
): void {
  const { framework, task: info } = message;
  const frameworkId = framework.id?.value ?? "";
  const taskId = info.task_id.value;
  const ids = checkFrameworkTaskIds(frameworkId, taskId);
  if (!ids.ok) {
    agent.log("error", "a launch with unusable ids was dropped", { reason: ids.error.message });
    return;
  }
  if (agent.active.has(taskKey(frameworkId, taskId))) {
    agent.log("debug", "a launch of a known task was ignored", { frameworkId, taskId });
    return;
  }
  agent.endDrain();
  setFramework(agent, frameworkId, framework);
  const containerId = env.random.uuid();
  const spec = specOf(agent, { info, framework, frameworkId, containerId });
  const task = makeTask(agent, { id: containerId, frameworkId, taskId, info }, spec);
  agent.addTask(task);
  const { executor } = task;
  if (!spec.ok || executor === undefined) {
    addUpdate(agent, task, refusalOf(spec), env);
    return;
  }
  applyOutcome(agent, task, executor.begin(), env);
  launchContainer(agent, spec.value);
  agent.log("info", "task launched", {
    frameworkId,
    taskId,
    containerId,
    principal: message.principal,
    user: spec.value.user,
  });
}

/** Orders the container of a task started; also again after a restart, when nothing of it was found. */
export function launchContainer(agent: Agent, spec: ContainerSpec): void {
  const { rootAllowed, switching } = agent.config.users;
  agent.perform({
    type: "launchContainer",
    spec,
    latestLink: `${spec.sandboxDir.slice(0, -spec.containerId.length)}latest`,
    rootAllowed: rootAllowed || !switching,
  });
}

/** Makes the newest info of a framework durable. */
export function setFramework(agent: Agent, frameworkId: string, info: FrameworkInfo): void {
  const known = agent.frameworks.get(frameworkId);
  if (known !== undefined) {
    if (known.info === info) return;
    if (JSON.stringify(known.info) === JSON.stringify(info)) {
      // The same content: the next message with this object need not be compared.
      agent.frameworks.set(frameworkId, { ...known, info });
      return;
    }
  }
  const framework = { version: recordVersion, frameworkId, info };
  agent.frameworks.set(frameworkId, framework);
  agent.persist({ type: "frameworkChanged", framework });
}

/** A task for records to come; without a spec there is nothing to run. */
export function makeTask(
  agent: Agent,
  named: {
    readonly id: string;
    readonly frameworkId: string;
    readonly taskId: string;
    readonly info?: TaskInfo;
  },
  spec: Result<ContainerSpec>,
): HeldTask {
  const order = agent.nextOrder;
  agent.nextOrder += 1;
  const { id } = named;
  return holdTask(
    { version: recordVersion, order, ...named, ...(spec.ok ? { spec: spec.value } : {}) },
    {
      version: recordVersion,
      id,
      state: "TASK_STAGING",
      executor: spec.ok ? { phase: "starting", killed: false } : { phase: "ended" },
      statuses: [],
      pending: [],
      silent: false,
      cleaned: !spec.ok,
    },
    agent.frameworks.get(named.frameworkId)?.info,
  );
}

function specOf(
  agent: Agent,
  asked: {
    readonly info: TaskInfo;
    readonly framework: FrameworkInfo;
    readonly frameworkId: string;
    readonly containerId: string;
  },
): Result<ContainerSpec> {
  const { info, framework, frameworkId, containerId } = asked;
  const { config, agentId } = agent;
  const command = checkTask(info, agentId);
  if (!command.ok) return command;
  const policy = readTaskPolicy(info, framework);
  if (!policy.ok) return policy;
  const room = checkRoom(agent, info);
  if (!room.ok) return room;
  const user = decideUser(info, framework, config.users);
  if (!user.ok) return user;
  const logs = logBoundsOf(commandVariables(info.command));
  if (!logs.ok) return logs;
  const { dir } = sandboxPathsOf({
    workDir: config.workDir,
    agentId,
    frameworkId,
    executorId: info.task_id.value,
    containerId,
  });
  return ok(
    containerSpecOf({
      task: info,
      framework,
      frameworkId,
      agentId,
      containerId,
      sandboxDir: dir,
      user: user.value,
      logs: logs.value,
      config,
    }),
  );
}

/** Whether the machine has the task's resources left. The master charges them; this is the backstop. */
function checkRoom(agent: Agent, info: TaskInfo): Result<true> {
  if (agent.active.size >= limits.activeTasksMax) {
    return refuse("TASK_INVALID", `This agent runs no more than ${limits.activeTasksMax} tasks`);
  }
  const wanted = Resources.parse(info.resources ?? []);
  if (!wanted.ok) return refuse("TASK_INVALID", wanted.error.message);
  const free = agent.total.subtract(agent.used());
  if (free.contains(wanted.value.unallocate())) return ok(true);
  return refuse(
    "TASK_INVALID",
    `Total resources ${wanted.value.toString()} required by task is more than available ${free.toString()} on this agent`,
  );
}

function refusalOf(spec: Result<ContainerSpec>): StatusDraft {
  const unauthorized = !spec.ok && spec.error.code === "TASK_UNAUTHORIZED";
  return {
    state: "TASK_ERROR",
    message: spec.ok ? "Task is not runnable" : spec.error.message,
    reason: unauthorized ? "REASON_TASK_UNAUTHORIZED" : "REASON_TASK_INVALID",
    source: "SOURCE_AGENT",
  };
}
