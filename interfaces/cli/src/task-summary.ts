import type { Task } from "@tutti/marathon-v2";
import type { Output, Style } from "./output.ts";

/** A task as `tutti task list --json` shows it. */
export interface TaskSummary {
  readonly id: string;
  /** Null: another framework launched it. */
  readonly appId: string | null;
  /** The name of the other framework; null: an instance of an app. */
  readonly framework: string | null;
  readonly state: string;
  /** Null while no health check has answered. */
  readonly healthy: boolean | null;
  readonly host: string;
  readonly ports: readonly number[];
  readonly agentId: string;
  readonly startedAt: string | null;
  readonly version: string | null;
}

export const taskHeadings = ["id", "state", "health", "host", "ports", "started"] as const;

export function taskSummaryOf(task: Task): TaskSummary {
  const results = task.healthCheckResults ?? [];
  return {
    id: task.id,
    appId: task.appId,
    framework: null,
    state: task.state,
    healthy: results.length === 0 ? null : results.every((each) => each.alive),
    host: task.host,
    ports: task.ports ?? [],
    agentId: task.slaveId,
    startedAt: task.startedAt ?? null,
    version: task.version,
  };
}

export function taskRows(output: Output, tasks: readonly TaskSummary[]): string[][] {
  return tasks.map((task) => [
    task.id,
    output.style(styleOf(task.state), task.state.replace(/^TASK_/, "").toLowerCase()),
    task.healthy === null ? "-" : task.healthy ? "healthy" : output.style("red", "unhealthy"),
    task.host,
    task.ports.length === 0 ? "-" : task.ports.join(" "),
    task.startedAt ?? "-",
  ]);
}

function styleOf(state: string): Style {
  if (state === "TASK_RUNNING") return "green";
  return state === "TASK_STAGING" || state === "TASK_STARTING" ? "yellow" : "red";
}
