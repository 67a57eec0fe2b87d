import { fromThousandths } from "@tutti/resources";
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

/** `/metrics/snapshot` in Mesos's names, sorted; counts are since the start of the process. Rule AGT31. */
export function metricsOf(view: AgentView, load: MachineLoad): Readonly<Record<string, number>> {
  const metrics: Record<string, number> = {
    "gc/path_removals_failed": view.counters.sandboxRemovalsFailed,
    "gc/path_removals_pending": view.tasks.filter(({ stage }) => stage === "completed").length,
    "gc/path_removals_succeeded": view.counters.sandboxesRemoved,
    "slave/container_launch_errors": view.counters.launchErrors,
    "slave/registered": view.master === undefined ? 0 : 1,
    "slave/uptime_secs": load.uptimeSeconds,
    "slave/valid_status_updates": view.counters.validUpdates,
    "system/cpus_total": load.cpuCount,
    "system/load_1min": load.loads[0] ?? 0,
    "system/load_5min": load.loads[1] ?? 0,
    "system/load_15min": load.loads[2] ?? 0,
    "system/mem_free_bytes": load.memFreeBytes,
    "system/mem_total_bytes": load.memTotalBytes,
    ...taskMetrics(view),
  };
  for (const name of resourceNames) {
    const total = fromThousandths(view.total.scalar(name));
    const used = fromThousandths(view.used.scalar(name));
    metrics[`slave/${name}_total`] = total;
    metrics[`slave/${name}_used`] = used;
    metrics[`slave/${name}_percent`] = total === 0 ? 0 : used / total;
  }
  return Object.fromEntries(
    Object.entries(metrics).toSorted(([left], [right]) => (left < right ? -1 : 1)),
  );
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
