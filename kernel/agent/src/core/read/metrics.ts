import { fromThousandths } from "@tutti/resources";
import type { Resources } from "@tutti/resources";
import type { AgentView } from "../view.ts";

/** What the machine says of itself. */
export interface MachineLoad {
  readonly cpuCount: number;
  /** Of the last 1, 5 and 15 minutes. */
  readonly loads: readonly number[];
  readonly memTotalBytes: number;
  readonly memFreeBytes: number;
  readonly uptimeSeconds: number;
}

const resourceNames = ["cpus", "mem", "disk", "gpus"] as const;
const terminalNames = {
  TASK_FINISHED: "finished",
  TASK_FAILED: "failed",
  TASK_KILLED: "killed",
  TASK_LOST: "lost",
  TASK_GONE: "gone",
} as const;
const livingNames = {
  TASK_STAGING: "staging",
  TASK_STARTING: "starting",
  TASK_RUNNING: "running",
  TASK_KILLING: "killing",
} as const;

/** Counts of what this agent does not do: fetching, images, executors and providers of resources. */
const neverCounted = [
  "containerizer/fetcher/cache_size_total_bytes",
  "containerizer/fetcher/cache_size_used_bytes",
  "containerizer/fetcher/task_fetches_failed",
  "containerizer/fetcher/task_fetches_succeeded",
  "containerizer/mesos/provisioner/bind/remove_rootfs_errors",
  "containerizer/mesos/provisioner/remove_container_errors",
  "resource_provider_manager/events/disconnect",
  "resource_provider_manager/events/subscribe",
  "resource_provider_manager/subscribed",
  "slave/executors_preempted",
  "slave/executors_registering",
  "slave/executors_terminating",
  "slave/invalid_framework_messages",
  "slave/invalid_status_updates",
  "slave/recovery_errors",
  "slave/valid_framework_messages",
];

/** `/metrics/snapshot` in Mesos's names, sorted; counts are since the start of the process. Rule AGT31. */
export function metricsOf(view: AgentView, load: MachineLoad): Readonly<Record<string, number>> {
  const { counters } = view;
  const metrics: Record<string, number> = {
    ...Object.fromEntries(neverCounted.map((name) => [name, 0])),
    "containerizer/mesos/container_destroy_errors": counters.destroyErrors,
    "gc/path_removals_failed": counters.sandboxRemovalsFailed,
    "gc/path_removals_pending": view.tasks.filter(({ stage }) => stage === "completed").length,
    "gc/path_removals_succeeded": counters.sandboxesRemoved,
    "slave/container_launch_errors": counters.launchErrors,
    "slave/executor_directory_max_allowed_age_secs": view.sandboxKeptMs / 1000,
    "slave/registered": view.master === undefined ? 0 : 1,
    "slave/uptime_secs": load.uptimeSeconds,
    "slave/valid_status_updates": counters.validUpdates,
    "system/cpus_total": load.cpuCount,
    "system/load_1min": load.loads[0] ?? 0,
    "system/load_5min": load.loads[1] ?? 0,
    "system/load_15min": load.loads[2] ?? 0,
    "system/mem_free_bytes": load.memFreeBytes,
    "system/mem_total_bytes": load.memTotalBytes,
    ...(view.recoveryMs === undefined
      ? {}
      : { "slave/recovery_time_secs": view.recoveryMs / 1000 }),
    ...taskMetrics(view),
    ...resourceMetrics("", view.total.nonRevocable(), view.used.nonRevocable()),
    ...resourceMetrics("_revocable", view.total.revocable(), view.used.revocable()),
  };
  return Object.fromEntries(
    Object.entries(metrics).toSorted(([left], [right]) => (left < right ? -1 : 1)),
  );
}

function resourceMetrics(
  suffix: string,
  total: Resources,
  used: Resources,
): Readonly<Record<string, number>> {
  const metrics: Record<string, number> = {};
  for (const name of resourceNames) {
    const all = fromThousandths(total.scalar(name));
    const part = fromThousandths(used.scalar(name));
    metrics[`slave/${name}${suffix}_total`] = all;
    metrics[`slave/${name}${suffix}_used`] = part;
    metrics[`slave/${name}${suffix}_percent`] = all === 0 ? 0 : part / all;
  }
  return metrics;
}

function taskMetrics(view: AgentView): Readonly<Record<string, number>> {
  const metrics: Record<string, number> = {};
  for (const [state, name] of Object.entries(terminalNames)) {
    metrics[`slave/tasks_${name}`] = view.counters.terminal.get(state) ?? 0;
  }
  const running = view.tasks.filter(({ stage }) => stage === "running");
  for (const [state, name] of Object.entries(livingNames)) {
    metrics[`slave/tasks_${name}`] = running.filter(({ run }) => run.state === state).length;
  }
  const frameworks = new Set(running.map(({ record }) => record.frameworkId));
  metrics["slave/frameworks_active"] = frameworks.size;
  metrics["slave/executors_running"] = running.length;
  metrics["slave/executors_terminated"] = [...view.counters.terminal.values()].reduce(
    (sum, count) => sum + count,
    0,
  );
  return metrics;
}
