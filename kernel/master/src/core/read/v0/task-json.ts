import type { Task, TaskStatus } from "@tutti/mesos-v1";
import { Resources } from "@tutti/resources";
import { plainJson } from "./plain-json.ts";
import type { Json } from "./resource-model.ts";
import { resourceModel } from "./resource-model.ts";

/** A task as the v0 endpoints show it. */
export function taskJson(task: Task): Json {
  const resources = parsedResources(task);
  const [role = "*"] = resources.byAllocation().keys();
  return {
    id: task.task_id.value,
    name: task.name,
    framework_id: task.framework_id.value,
    executor_id: task.executor_id?.value ?? "",
    slave_id: task.agent_id.value,
    state: task.state,
    resources: resourceModel(resources),
    role,
    statuses: (task.statuses ?? []).map(statusJson),
    ...(task.user === undefined ? {} : { user: task.user }),
    ...(task.labels === undefined ? {} : { labels: task.labels.labels ?? [] }),
    ...(task.discovery === undefined ? {} : { discovery: plainJson(task.discovery) }),
    ...(task.container === undefined ? {} : { container: plainJson(task.container) }),
    ...(task.health_check === undefined ? {} : { health_check: plainJson(task.health_check) }),
    ...(task.limits === undefined ? {} : { limits: limitsOf(task.limits) }),
  };
}

/** When the task's first status was made, in seconds; 0 before that. */
export function firstTimestampOf(task: Task): number {
  return task.statuses?.[0]?.timestamp ?? 0;
}

function parsedResources(task: Task): Resources {
  const parsed = Resources.parse(task.resources ?? []);
  return parsed.ok ? parsed.value : Resources.empty;
}

function statusJson(status: TaskStatus): Json {
  return {
    state: status.state,
    timestamp: status.timestamp ?? 0,
    ...(status.labels === undefined ? {} : { labels: status.labels.labels ?? [] }),
    ...(status.container_status === undefined
      ? {}
      : { container_status: plainJson(withoutPid(status.container_status)) }),
    ...(status.healthy === undefined ? {} : { healthy: status.healthy }),
    ...(status.check_status === undefined ? {} : { check_status: status.check_status }),
  };
}

function withoutPid(container: NonNullable<TaskStatus["container_status"]>): Json {
  const { executor_pid: _pid, ...rest } = container;
  return rest;
}

function limitsOf(limits: NonNullable<Task["limits"]>): Json {
  return Object.fromEntries(Object.entries(limits).map(([name, { value }]) => [name, value]));
}
