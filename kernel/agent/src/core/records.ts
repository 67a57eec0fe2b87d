import type { ContainerSpec } from "@tutti/containerizer/core";
import type { ExecutorState } from "@tutti/executor";
import type { FrameworkInfo, TaskInfo, TaskState, TaskStatus } from "@tutti/mesos-v1";

/** Version of the records below; a change of their shape raises it and brings a migration. */
export const recordVersion = 1;

/** The agent itself: one record. */
export interface AgentRecord {
  readonly version: number;
  /** Given by the master at the first admission, kept for ever. */
  readonly agentId?: string;
  /** The cluster that admitted it. */
  readonly clusterId?: string;
  /** Highest leader epoch obeyed; orders of a lower one are refused. */
  readonly epochSeen: number;
  /** The boot during which the agent last ran. */
  readonly bootId: string;
  /** Present while tasks of a drain are on their way out. */
  readonly drain?: DrainOrder;
}

/** A drain that was ordered. */
export interface DrainOrder {
  /** Absent: tasks have the grace of their kill policies. */
  readonly maxGraceMs?: number;
  /** The agent is given up for ever after it. */
  readonly markGone: boolean;
  readonly sinceWallMs: number;
}

/** A framework with tasks here, running or over. */
export interface FrameworkRecord {
  readonly version: number;
  readonly frameworkId: string;
  readonly info: FrameworkInfo;
}

/**
 * What never changes about a task. `id` names the record: the container's id, unique for ever, since
 * a framework may use the id of a task again when that task is over.
 */
export interface TaskRecord {
  readonly version: number;
  readonly id: string;
  /** Counts launches: later tasks have higher numbers. */
  readonly order: number;
  readonly frameworkId: string;
  readonly taskId: string;
  /** Absent when a task was asked about that the agent does not know. */
  readonly info?: TaskInfo;
  /** What is to run; absent when the task was refused or is not known. */
  readonly spec?: ContainerSpec;
}

/** What changes about a task. Replaced whole. */
export interface TaskRun {
  readonly version: number;
  readonly id: string;
  /** The newest state. */
  readonly state: TaskState;
  readonly executor: ExecutorState;
  readonly pid?: number;
  /** The newest status of each state, oldest first. */
  readonly statuses: readonly TaskStatus[];
  /** Updates that the scheduler has not acknowledged, in their order; the first is sent. */
  readonly pending: readonly TaskStatus[];
  /** The update that was acknowledged last. */
  readonly acknowledged?: { readonly state: TaskState; readonly uuid: string };
  /** The framework is gone: nobody wants updates. */
  readonly silent: boolean;
  /** Nothing of the container is left. */
  readonly cleaned: boolean;
  /** When the terminal state was reached. */
  readonly endedAtWallMs?: number;
}

/** One durable change: replaces or removes one record. */
export type AgentEntry =
  | { readonly type: "agentChanged"; readonly agent: AgentRecord }
  | { readonly type: "frameworkChanged"; readonly framework: FrameworkRecord }
  | { readonly type: "frameworkRemoved"; readonly frameworkId: string }
  | { readonly type: "taskAdded"; readonly task: TaskRecord }
  | { readonly type: "taskChanged"; readonly run: TaskRun }
  | { readonly type: "taskRemoved"; readonly id: string };

/** All that is durable at an agent. */
export interface AgentDurable {
  /** Absent before the first start. */
  readonly agent?: AgentRecord;
  readonly frameworks: readonly FrameworkRecord[];
  readonly tasks: readonly TaskRecord[];
  readonly runs: readonly TaskRun[];
}

/** A store of entries in memory: for simulations and tests; the shell's side is SQLite. */
export class AgentJournal {
  #agent: AgentRecord | undefined;
  readonly #frameworks = new Map<string, FrameworkRecord>();
  readonly #tasks = new Map<string, TaskRecord>();
  readonly #runs = new Map<string, TaskRun>();

  /** Makes one entry durable. */
  apply(entry: AgentEntry): void {
    switch (entry.type) {
      case "agentChanged":
        this.#agent = entry.agent;
        return;
      case "frameworkChanged":
        this.#frameworks.set(entry.framework.frameworkId, entry.framework);
        return;
      case "frameworkRemoved":
        this.#frameworks.delete(entry.frameworkId);
        return;
      case "taskAdded":
        this.#tasks.set(entry.task.id, entry.task);
        return;
      case "taskChanged":
        this.#runs.set(entry.run.id, entry.run);
        return;
      case "taskRemoved":
        this.#tasks.delete(entry.id);
        this.#runs.delete(entry.id);
        return;
    }
  }

  /** What `recover` is given after a crash now. */
  durable(): AgentDurable {
    return {
      ...(this.#agent === undefined ? {} : { agent: this.#agent }),
      frameworks: [...this.#frameworks.values()],
      tasks: [...this.#tasks.values()],
      runs: [...this.#runs.values()],
    };
  }
}
