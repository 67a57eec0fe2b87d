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
  readonly #byAgent = new Map<string, Set<TaskKey>>();

  tasksOfAgent(agentId: string): ReadonlySet<TaskKey> {
    return this.#byAgent.get(agentId) ?? none;
  }

  /** Found by looking at all tasks: frameworks seldom go or change their names. */
  tasksOfFramework(frameworkId: string): readonly TaskKey[] {
    return [...this.tasks].flatMap(([key, task]) => (task.frameworkId === frameworkId ? key : []));
  }

  putTask(key: TaskKey, task: ClusterTask): void {
    const before = this.tasks.get(key);
    if (before !== undefined && before.agentId !== task.agentId)
      drop(this.#byAgent, before.agentId, key);
    this.tasks.set(key, task);
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

const none: ReadonlySet<TaskKey> = new Set();

function add(index: Map<string, Set<TaskKey>>, id: string, key: TaskKey): void {
  const keys = index.get(id);
  if (keys === undefined) index.set(id, new Set([key]));
  else keys.add(key);
}

function drop(index: Map<string, Set<TaskKey>>, id: string, key: TaskKey): void {
  const keys = index.get(id);
  keys?.delete(key);
  if (keys?.size === 0) index.delete(id);
}
