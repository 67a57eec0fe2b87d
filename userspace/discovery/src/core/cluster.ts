import type { Contribution } from "./derive.ts";
import type { ClusterAgent, ClusterFramework, ClusterTask } from "./types.ts";
import type { Slot } from "./table.ts";
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

/** A task that is known, and what follows from it: one for each, so that it is looked up once. */
export interface KnownTask extends Slot {
  readonly key: TaskKey;
  /** Replaced whole. */
  task: ClusterTask;
  /** What it adds to VIPs. */
  contributions: readonly Contribution[];
}

/** What is known of the cluster, with the tasks of each agent. */
export class Cluster {
  readonly tasks = new Map<TaskKey, KnownTask>();
  readonly agents = new Map<string, KnownAgent>();
  readonly frameworks = new Map<string, KnownFramework>();
  /** Tasks that were known before and that the present master has not shown. */
  readonly unconfirmed = new Set<TaskKey>();
  readonly #byAgent = new Map<string, KnownTask[]>();

  /** A task that leaves while somebody goes through them is still gone through. */
  tasksOfAgent(agentId: string): readonly KnownTask[] {
    return this.#byAgent.get(agentId) ?? none;
  }

  /** Found by looking at all tasks: frameworks seldom go or change their names. */
  tasksOfFramework(frameworkId: string): readonly KnownTask[] {
    return [...this.tasks.values()].filter(({ task }) => task.frameworkId === frameworkId);
  }

  /** A task that was not known. */
  addTask(key: TaskKey, task: ClusterTask): KnownTask {
    const slot = { key, published: undefined, fact: undefined, isStaged: false };
    const known: KnownTask = { ...slot, task, contributions: nothing };
    this.tasks.set(key, known);
    add(this.#byAgent, task.agentId, known);
    return known;
  }

  replaceTask(known: KnownTask, task: ClusterTask): void {
    const { agentId } = known.task;
    known.task = task;
    if (agentId === task.agentId) return;
    drop(this.#byAgent, agentId, known);
    add(this.#byAgent, task.agentId, known);
  }

  removeTask(known: KnownTask): void {
    this.tasks.delete(known.key);
    this.unconfirmed.delete(known.key);
    drop(this.#byAgent, known.task.agentId, known);
  }
}

const none: readonly KnownTask[] = [];
const nothing: readonly Contribution[] = [];

function add(index: Map<string, KnownTask[]>, id: string, task: KnownTask): void {
  const tasks = index.get(id);
  if (tasks === undefined) index.set(id, [task]);
  else tasks.push(task);
}

function drop(index: Map<string, KnownTask[]>, id: string, task: KnownTask): void {
  const tasks = (index.get(id) ?? none).filter((other) => other !== task);
  if (tasks.length === 0) index.delete(id);
  else index.set(id, tasks);
}
