import type { AgentId, TaskId } from "@tutti/ids";
import type { ContainerStatus, TaskStatus } from "@tutti/mesos-v1";
import type { SharedParts } from "./shared-parts.ts";

/** What of a status is the same for many tasks. */
type Alike = Omit<
  TaskStatus,
  "task_id" | "agent_id" | "data" | "state" | "timestamp" | "uuid" | "container_status"
> & {
  readonly container?: Omit<ContainerStatus, "container_id" | "executor_pid">;
};

/** A status of a task as it is kept: what is its own, and one object with all that it shares with others. */
export interface KeptStatus {
  readonly state: TaskStatus["state"];
  readonly timestamp: number | undefined;
  readonly uuid: string | undefined;
  readonly containerId: ContainerStatus["container_id"] | string;
  readonly executorPid: number | undefined;
  readonly alike: Alike;
}

/** What is kept of a status. Its task and agent are known without it, its data is only for the framework. */
export function keptOf(status: TaskStatus, shared: SharedParts): KeptStatus {
  const {
    task_id: _taskId,
    agent_id: _agentId,
    data: _data,
    state,
    timestamp,
    uuid,
    container_status: container,
    ...others
  } = status;
  const { container_id: id, executor_pid: executorPid, ...alikeContainer } = container ?? {};
  const alike = container === undefined ? others : { ...others, container: alikeContainer };
  return {
    state: shared.text(state),
    timestamp,
    uuid,
    // A container within another has a parent: rare, and kept as it is.
    containerId: id !== undefined && id.parent === undefined ? id.value : id,
    executorPid,
    alike: shared.value<Alike>(alike),
  };
}

/** The status as the APIs show it. */
export function statusOf(
  kept: KeptStatus,
  taskId: { readonly value: TaskId },
  agentId: { readonly value: AgentId },
): TaskStatus {
  const { container, ...others } = kept.alike;
  return {
    task_id: taskId,
    state: kept.state,
    agent_id: agentId,
    ...others,
    ...(kept.timestamp === undefined ? {} : { timestamp: kept.timestamp }),
    ...(kept.uuid === undefined ? {} : { uuid: kept.uuid }),
    ...(container === undefined ? {} : { container_status: containerOf(kept, container) }),
  };
}

/** What the newest status of a task says of its health and its container. */
export type KeptReport = Pick<TaskStatus, "healthy" | "check_status" | "container_status">;

/** That part of a status alone. */
export function reportOf(kept: KeptStatus): KeptReport {
  const { healthy, check_status: check, container } = kept.alike;
  const report: { -readonly [Name in keyof KeptReport]: KeptReport[Name] } = {};
  if (healthy !== undefined) report.healthy = healthy;
  if (check !== undefined) report.check_status = check;
  if (container !== undefined) report.container_status = containerOf(kept, container);
  return report;
}

function containerOf(
  { containerId: id, executorPid }: KeptStatus,
  alike: NonNullable<Alike["container"]>,
): ContainerStatus {
  return {
    ...(id === undefined ? {} : { container_id: typeof id === "string" ? { value: id } : id }),
    ...(executorPid === undefined ? {} : { executor_pid: executorPid }),
    ...alike,
  };
}
