import type { ClusterAgent, ClusterFramework, ClusterTask } from "./types.ts";
import type { TaskKey } from "./task-keys.ts";

/** An agent, and what the master says of it. */
export interface KnownAgent {
  readonly agent: ClusterAgent;
  /** registered; recovered: in the registry, not back yet; absent: the master does not know it. */
  readonly standing: "registered" | "recovered" | "absent";
  readonly absentSinceMonoMs?: number;
}

/** A framework, and since when the master does not show it. */
export interface KnownFramework {
  readonly framework: ClusterFramework;
  readonly absentSinceMonoMs?: number;
}

/** What is known of the cluster, with the tasks of each agent. */
export class Cluster {
  readonly tasks = new Map<TaskKey, ClusterTask>();
  readonly agents = new Map<string, KnownAgent>();
  readonly frameworks = new Map<string, KnownFramework>();
  /** Tasks that were known before and that the present master has not shown. */
  readonly unconfirmed = new Set<TaskKey>();
  readonly #byAgent = new Map<string, TaskKey[]>();

  /** A task that leaves while somebody goes through them is still gone through. */
  tasksOfAgent(agentId: string): readonly TaskKey[] {
    return this.#byAgent.get(agentId) ?? none;
  }

  /** Found by looking at all tasks: frameworks seldom go or change their names. */
  tasksOfFramework(frameworkId: string): readonly TaskKey[] {
    return [...this.tasks].flatMap(([key, task]) => (task.frameworkId === frameworkId ? key : []));
  }

  /** `before`: the task as it is known, when it is. */
  putTask(key: TaskKey, task: ClusterTask, before = this.tasks.get(key)): void {
    this.tasks.set(key, task);
    if (before?.agentId === task.agentId) return;
    if (before !== undefined) drop(this.#byAgent, before.agentId, key);
    add(this.#byAgent, task.agentId, key);
  }

  removeTask(key: TaskKey): void {
    const task = this.tasks.get(key);
    if (task === undefined) return;
    this.tasks.delete(key);
    this.unconfirmed.delete(key);
    drop(this.#byAgent, task.agentId, key);
  }
}

const none: readonly TaskKey[] = [];

function add(index: Map<string, TaskKey[]>, id: string, key: TaskKey): void {
  const keys = index.get(id);
  if (keys === undefined) index.set(id, [key]);
  else keys.push(key);
}

function drop(index: Map<string, TaskKey[]>, id: string, key: TaskKey): void {
  const keys = (index.get(id) ?? none).filter((other) => other !== key);
  if (keys.length === 0) index.delete(id);
  else index.set(id, keys);
}
