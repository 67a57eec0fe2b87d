import type { Result } from "@tutti/base";
import { parseTaskId } from "@tutti/ids";
import { fromInt64 } from "@tutti/mesos-v1";
import type { TaskInfo } from "@tutti/mesos-v1";
import type { Resources } from "@tutti/resources";
import type { Framework } from "../entities.ts";
import type { Turn } from "../turn.ts";
import { faultOfCheck, faultOfHealthCheck } from "./checks.ts";
import { faultOfCommand } from "./command.ts";
import { faultOfContainer } from "./container.ts";

/** What a task is to be paid from. */
export interface TaskBudget {
  readonly agentId: string;
  readonly remaining: Resources;
}

/**
 * What is wrong with a task that a framework wants to launch on an agent from `budget`; undefined when
 * nothing is. `resources` are the task's, as they were read. The words are those of Mesos where it has some. Rules MST50 to MST57.
 */
export function faultOfTask(
  turn: Turn,
  framework: Framework,
  budget: TaskBudget,
  info: TaskInfo,
  resources: Result<Resources>,
): string | undefined {
  return (
    faultOfIdentity(turn, framework, budget, info) ??
    faultOfTimes(info) ??
    faultOfCheck(info.check) ??
    faultOfHealthCheck(info.health_check) ??
    faultOfShape(info) ??
    faultOfResources(budget, resources)
  );
}

function faultOfIdentity(
  turn: Turn,
  framework: Framework,
  budget: TaskBudget,
  info: TaskInfo,
): string | undefined {
  const id = parseTaskId(info.task_id.value);
  if (!id.ok) return id.error.message;
  const tasks = turn.state.tasksOf(framework.id);
  if (tasks.active.has(id.value) || tasks.unreachable.has(id.value)) {
    return `Task has duplicate ID: ${id.value}`;
  }
  if (info.agent_id.value !== budget.agentId) {
    return `Task uses invalid agent ${info.agent_id.value} while agent ${budget.agentId} is expected`;
  }
  return undefined;
}

function faultOfTimes(info: TaskInfo): string | undefined {
  const grace = info.kill_policy?.grace_period?.nanoseconds;
  if (grace !== undefined && fromInt64(grace) < 0) {
    return "Task's 'kill_policy.grace_period' must be non-negative";
  }
  const completion = info.max_completion_time?.nanoseconds;
  if (completion !== undefined && fromInt64(completion) < 0) {
    return "Task's `max_completion_time` must be non-negative";
  }
  return undefined;
}

function faultOfShape(info: TaskInfo): string | undefined {
  if ((info.command === undefined) === (info.executor === undefined)) {
    return "Task should have at least one (but not both) of CommandInfo or ExecutorInfo present";
  }
  if (info.executor !== undefined) {
    return "Tasks with an executor of their own are not supported by this release; give the task a command";
  }
  return faultOfCommand(info.command) ?? faultOfContainer(info.container) ?? faultOfLimits(info);
}

/** Limits may only be set for what has them, and not below what is asked for. */
function faultOfLimits(info: TaskInfo): string | undefined {
  for (const [name, limit] of Object.entries(info.limits ?? {})) {
    if (name !== "cpus" && name !== "mem") {
      return `Task limits may only be set for cpus and mem, not for ${name}`;
    }
    const request = (info.resources ?? []).find((resource) => resource.name === name)?.scalar
      ?.value;
    if (Number.isNaN(limit.value) || limit.value < (request ?? 0)) {
      return `Task's ${name} limit ${limit.value} is less than its request ${request ?? 0}`;
    }
  }
  return undefined;
}

function faultOfResources(budget: TaskBudget, parsed: Result<Resources>): string | undefined {
  if (!parsed.ok) return parsed.error.message;
  if (parsed.value.isEmpty) return "Task uses no resources";
  if (parsed.value.byAllocation().size > 1) {
    return "The resources have multiple allocation roles but only one role is expected";
  }
  if (!parsed.value.revocable().isEmpty && !parsed.value.nonRevocable().isEmpty) {
    return mixedRevocable(parsed.value);
  }
  if (!budget.remaining.contains(parsed.value)) {
    return (
      `Total resources ${parsed.value.toString()} required by task and its executor ` +
      `is more than available ${budget.remaining.toString()}`
    );
  }
  return undefined;
}

/** One name must not be asked for in both kinds. */
function mixedRevocable(resources: Resources): string | undefined {
  for (const name of resources.revocable().quantities().names) {
    if (resources.nonRevocable().scalar(name) > 0) {
      return `Cannot use both revocable and non-revocable '${name}' at the same time`;
    }
  }
  return undefined;
}
