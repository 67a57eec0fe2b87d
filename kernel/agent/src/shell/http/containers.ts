import type { Containerizer } from "@tutti/containerizer/core";
import type { AgentResponseGetContainersContainer, ResourceStatistics } from "@tutti/mesos-v1";
import { executorNameOf, networkInfosOf } from "../../core/index.ts";
import type { AgentView, Json, TaskView } from "../../core/index.ts";

/** The containers that run, with what they use. */
export async function listContainers(
  view: AgentView,
  containerizer: Pick<Containerizer, "usage">,
): Promise<readonly AgentResponseGetContainersContainer[]> {
  const running = view.tasks.filter(
    ({ stage, record }) => stage === "running" && record.spec !== undefined,
  );
  return Promise.all(running.map((task) => containerOf(task, view, containerizer)));
}

/** `/containers` and `/monitor/statistics`. */
export function containerJson(
  container: AgentResponseGetContainersContainer,
  withStatus: boolean,
): Json {
  const executorId = container.executor_id?.value ?? "";
  return {
    ...(withStatus ? { container_id: container.container_id.value } : {}),
    executor_id: executorId,
    executor_name: container.executor_name ?? "",
    framework_id: container.framework_id?.value ?? "",
    source: executorId,
    statistics: container.resource_statistics ?? {},
    ...(withStatus ? { status: container.container_status ?? {} } : {}),
  };
}

async function containerOf(
  { record, run }: TaskView,
  view: AgentView,
  containerizer: Pick<Containerizer, "usage">,
): Promise<AgentResponseGetContainersContainer> {
  const { info, spec, id } = record;
  return {
    framework_id: { value: record.frameworkId },
    executor_id: { value: record.taskId },
    ...(info === undefined ? {} : { executor_name: executorNameOf(info) }),
    container_id: { value: id },
    container_status: {
      container_id: { value: id },
      network_infos: networkInfosOf(view.config),
      ...(run.pid === undefined ? {} : { executor_pid: run.pid }),
    },
    ...(spec === undefined
      ? {}
      : { resource_statistics: await statisticsOf(id, spec.limits, containerizer) }),
  };
}

async function statisticsOf(
  containerId: string,
  limits: {
    readonly cpusMilli: number;
    readonly cpusLimitMilli?: number;
    readonly memoryBytes: number;
  },
  containerizer: Pick<Containerizer, "usage">,
): Promise<ResourceStatistics> {
  const usage = await containerizer.usage(containerId);
  return {
    timestamp: Date.now() / 1000,
    cpus_soft_limit: limits.cpusMilli / 1000,
    ...(limits.cpusLimitMilli === undefined ? {} : { cpus_limit: limits.cpusLimitMilli / 1000 }),
    mem_limit_bytes: limits.memoryBytes,
    mem_soft_limit_bytes: limits.memoryBytes,
    ...(usage === undefined
      ? {}
      : {
          cpus_user_time_secs: usage.cpuSeconds,
          cpus_system_time_secs: 0,
          mem_rss_bytes: usage.memoryBytes,
        }),
  };
}
