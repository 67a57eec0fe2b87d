import type { Label, TaskStatus } from "@tutti/mesos-v1";
import type { TaskView } from "../view.ts";
import { resourcesJson, resourcesOf } from "./resources-json.ts";
import type { Json } from "./resources-json.ts";

/** A task as the v0 endpoints show it. */
export function taskJson({ record, run }: TaskView): Json {
  const { info } = record;
  if (info === undefined) return {};
  return {
    id: record.taskId,
    name: info.name,
    framework_id: record.frameworkId,
    executor_id: "",
    slave_id: info.agent_id.value,
    state: run.state,
    resources: resourcesJson(resourcesOf(info.resources)),
    role: roleOf(info.resources),
    statuses: run.statuses.map(statusJson),
    ...(info.labels === undefined ? {} : { labels: labelsJson(info.labels.labels) }),
    ...(info.discovery === undefined ? {} : { discovery: info.discovery }),
    ...(info.container === undefined ? {} : { container: info.container }),
    ...(info.health_check === undefined ? {} : { health_check: info.health_check }),
    ...(info.command?.user === undefined ? {} : { user: info.command.user }),
  };
}

/** The role that a task's resources are allocated to. */
export function roleOf(
  resources: NonNullable<TaskView["record"]["info"]>["resources"] | undefined,
): string {
  return (
    resources?.find(({ allocation_info: info }) => info?.role !== undefined)?.allocation_info
      ?.role ?? "*"
  );
}

/** Labels as a list. */
export function labelsJson(labels: readonly Label[] | undefined): readonly Json[] {
  return (labels ?? []).map(({ key, value }) => ({
    key,
    ...(value === undefined ? {} : { value }),
  }));
}

function statusJson(status: TaskStatus): Json {
  const container = status.container_status;
  return {
    state: status.state,
    timestamp: status.timestamp ?? 0,
    ...(status.labels === undefined ? {} : { labels: labelsJson(status.labels.labels) }),
    ...(container === undefined
      ? {}
      : {
          container_status: {
            ...(container.container_id === undefined
              ? {}
              : { container_id: container.container_id }),
            network_infos: container.network_infos ?? [],
          },
        }),
    ...(status.healthy === undefined ? {} : { healthy: status.healthy }),
    ...(status.check_status === undefined ? {} : { check_status: status.check_status }),
  };
}
