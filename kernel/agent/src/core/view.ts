import type { AgentConfig } from "./config.ts";
import type { Agent } from "./agent.ts";
import { isAlive, isCompleted } from "./held-task.ts";
import type { DrainOrder, FrameworkRecord, TaskRecord, TaskRun } from "./records.ts";
import type { Resources } from "@tutti/resources";

/** One task as it may be shown. `running`: alive; `terminated`: over, not acknowledged; `completed`. */
export interface TaskView {
  readonly record: TaskRecord;
  readonly run: TaskRun;
  readonly stage: "running" | "terminated" | "completed";
}

/** A look at an agent. Everything in it is a value that no longer changes. */
export interface AgentView {
  readonly config: AgentConfig;
  readonly agentId: string | undefined;
  readonly clusterId: string | undefined;
  /** The master of the session, when there is one. */
  readonly master: string | undefined;
  /** False until the containers of before are known. */
  readonly recovered: boolean;
  /** How long that took; undefined while it lasts. */
  readonly recoveryMs: number | undefined;
  /** The drain whose tasks are on their way out. */
  readonly drain: DrainOrder | undefined;
  readonly frameworks: readonly FrameworkRecord[];
  /** In the order of launch; those the agent was only asked about are left out. */
  readonly tasks: readonly TaskView[];
  /** How long sandboxes of tasks that are over are kept, as full as the disk is now. */
  readonly sandboxKeptMs: number;
  readonly total: Resources;
  readonly used: Resources;
  readonly counters: {
    readonly terminal: ReadonlyMap<string, number>;
    readonly launchErrors: number;
    readonly destroyErrors: number;
    readonly validUpdates: number;
    readonly sandboxesRemoved: number;
    readonly sandboxRemovalsFailed: number;
  };
}

/** Takes the look. */
export function viewOf(agent: Agent): AgentView {
  const { session, record, counters } = agent;
  const tasks: TaskView[] = [];
  for (const task of agent.tasks.values()) {
    if (task.record.info === undefined) continue;
    const ended = isCompleted(task) ? "completed" : "terminated";
    tasks.push({ record: task.record, run: task.run, stage: isAlive(task) ? "running" : ended });
  }
  return {
    config: agent.config,
    agentId: record.agentId,
    clusterId: record.clusterId,
    master: session.phase === "joined" ? session.url : undefined,
    recovered: session.phase !== "recovering",
    recoveryMs: agent.recoveryMs,
    drain: record.drain,
    frameworks: [...agent.frameworks.values()],
    tasks,
    sandboxKeptMs: agent.sandboxKeptMs,
    total: agent.total,
    used: agent.used(),
    counters: { ...counters, terminal: new Map(counters.terminal) },
  };
}
