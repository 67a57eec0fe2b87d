import type { RoleQuota } from "@tutti/allocator";
import { BoundedMap, DeadlineQueue, present } from "@tutti/base";
import type { AgentId, FrameworkId, OfferId, RoleName, StreamId, TaskId } from "@tutti/ids";
import type {
  Agent,
  CompletedFramework,
  Framework,
  FrameworkTasks,
  Liveness,
  OpenOffer,
  Session,
  UnreachableAgent,
} from "./entities.ts";
import type { AgentRecord } from "./events.ts";
import { limits } from "./limits.ts";
import { MasterMetrics } from "./metrics.ts";
import type { MasterTask, TaskKey } from "./tasks/master-task.ts";
import { SharedParts } from "./tasks/shared-parts.ts";

/** When something has to happen, on the monotonic clock. */
export class MasterDeadlines {
  readonly pings = new DeadlineQueue<AgentId>();
  /** Agents of the registry that have not come back since the election. */
  readonly recoveries = new DeadlineQueue<AgentId>();
  readonly failovers = new DeadlineQueue<FrameworkId>();
  readonly offers = new DeadlineQueue<OfferId>();
  readonly schedulerHeartbeats = new DeadlineQueue<StreamId>();
  readonly operatorHeartbeats = new DeadlineQueue<string>();
  /** When the next allocation is due; undefined: nothing has changed. */
  allocationMonoMs: number | undefined;
  /** Not before then may another agent be declared unreachable. */
  removalMonoMs = 0;
}

/**
 * Everything a master knows. Entities are values and are replaced whole; the maps are changed only
 * by handlers, inside a step.
 *
 * Invariant: an agent id is in at most one of `agents`, `recoveredAgents`, `unreachableAgents` and `goneAgents`.
 * Invariant: each task in `tasks` is also in `taskKeysByAgent`, unless its agent is unreachable.
 */
export class MasterState {
  /** Grows with each change of what readers can see. */
  version = 0;
  readonly agents = new Map<AgentId, Agent>();
  /** In the registry, not heard of since the election. */
  readonly recoveredAgents = new Map<AgentId, AgentRecord>();
  readonly unreachableAgents = new BoundedMap<AgentId, UnreachableAgent>(
    limits.unreachableAgentsMax,
  );
  /** Given up for ever, and when. */
  readonly goneAgents = new BoundedMap<AgentId, number>(limits.goneAgentsMax);
  /** Draining agents that may have become empty in this step. */
  readonly drainsToSettle = new Set<AgentId>();
  readonly sessions = new Map<AgentId, Session>();
  readonly sessionAgents = new Map<string, AgentId>();
  readonly connectionAgents = new Map<string, AgentId>();
  readonly liveness = new Map<AgentId, Liveness>();
  /** Agents that have missed all their pings and wait for the rate limit, first in, first out. */
  readonly removals = new Set<AgentId>();
  /** Agents that were answered and have never posted since: a second hello without id gets the same. */
  readonly unconfirmedAgents = new Map<string, AgentId>();

  readonly frameworks = new Map<FrameworkId, Framework>();
  readonly tasks = new Map<FrameworkId, FrameworkTasks>();
  readonly taskKeysByAgent = new Map<AgentId, Map<FrameworkId, Set<TaskId>>>();
  readonly streams = new Map<StreamId, FrameworkId>();
  readonly completedFrameworks = new BoundedMap<FrameworkId, CompletedFramework>(
    limits.completedFrameworksMax,
  );

  readonly offers = new Map<OfferId, OpenOffer>();
  readonly offersByAgent = new Map<AgentId, Set<OfferId>>();
  readonly offersByFramework = new Map<FrameworkId, Set<OfferId>>();

  readonly weights = new Map<RoleName, number>();
  readonly quotas = new Map<RoleName, RoleQuota>();
  readonly operatorSubscribers = new Set<string>();
  readonly deadlines = new MasterDeadlines();
  readonly metrics = new MasterMetrics();
  /** What tasks have alike. */
  readonly shared = new SharedParts();

  /** What became of the agents that were expected back after the election. */
  readonly recovery = { returned: 0, unreachable: 0 };
  nextAgentNumber = 0;
  nextFrameworkNumber = 0;
  nextOfferNumber = 0;

  putAgent(agent: Agent): void {
    this.version += 1;
    this.agents.set(agent.id, agent);
  }

  putFramework(framework: Framework): void {
    this.version += 1;
    this.frameworks.set(framework.id, framework);
    if (!this.tasks.has(framework.id)) this.tasks.set(framework.id, emptyTasks());
  }

  tasksOf(id: FrameworkId): FrameworkTasks {
    return present(this.tasks.get(id), `the tasks of framework ${id}`);
  }

  task(key: TaskKey): MasterTask | undefined {
    return this.tasks.get(key.frameworkId)?.active.get(key.taskId);
  }

  /** Adds or replaces an active task. */
  putTask(task: MasterTask): void {
    this.version += 1;
    const tasks = this.tasksOf(task.frameworkId);
    const isNew = !tasks.active.has(task.taskId);
    tasks.active.set(task.taskId, task);
    if (isNew) this.#indexTask(task);
  }

  /** Takes an active task out, without a trace in the history. */
  takeTask(task: MasterTask): void {
    this.version += 1;
    this.tasksOf(task.frameworkId).active.delete(task.taskId);
    const byFramework = this.taskKeysByAgent.get(task.agentId);
    const ids = byFramework?.get(task.frameworkId);
    ids?.delete(task.taskId);
    if (ids?.size === 0) byFramework?.delete(task.frameworkId);
    if (byFramework?.size !== 0) return;
    this.taskKeysByAgent.delete(task.agentId);
    this.drainsToSettle.add(task.agentId);
  }

  /** Moves an active task to the bounded history. */
  completeTask(task: MasterTask): void {
    this.takeTask(task);
    const tasks = this.tasksOf(task.frameworkId);
    tasks.completedCount += 1;
    tasks.completed.set(tasks.completedCount, task.task);
  }

  /** Active tasks of an agent, over all frameworks. */
  tasksOfAgent(id: AgentId): MasterTask[] {
    const found: MasterTask[] = [];
    for (const [frameworkId, taskIds] of this.taskKeysByAgent.get(id) ?? []) {
      for (const taskId of taskIds) {
        found.push(present(this.task({ frameworkId, taskId }), "a task of the agents' index"));
      }
    }
    return found;
  }

  putOffer(offer: OpenOffer): void {
    this.version += 1;
    this.offers.set(offer.id, offer);
    addTo(this.offersByAgent, offer.agentId, offer.id);
    addTo(this.offersByFramework, offer.frameworkId, offer.id);
  }

  takeOffer(offer: OpenOffer): void {
    this.version += 1;
    this.offers.delete(offer.id);
    deleteFrom(this.offersByAgent, offer.agentId, offer.id);
    deleteFrom(this.offersByFramework, offer.frameworkId, offer.id);
    this.deadlines.offers.delete(offer.id);
  }

  offersOfAgent(id: AgentId): OpenOffer[] {
    return [...(this.offersByAgent.get(id) ?? [])].map((offerId) => this.#offer(offerId));
  }

  offersOfFramework(id: FrameworkId): OpenOffer[] {
    return [...(this.offersByFramework.get(id) ?? [])].map((offerId) => this.#offer(offerId));
  }

  #offer(id: OfferId): OpenOffer {
    return present(this.offers.get(id), "an offer of an index");
  }

  #indexTask(task: MasterTask): void {
    let byFramework = this.taskKeysByAgent.get(task.agentId);
    if (byFramework === undefined) {
      byFramework = new Map();
      this.taskKeysByAgent.set(task.agentId, byFramework);
    }
    addTo(byFramework, task.frameworkId, task.taskId);
  }
}

function emptyTasks(): FrameworkTasks {
  return {
    active: new Map(),
    unreachable: new BoundedMap(limits.unreachableTasksPerFrameworkMax),
    completed: new BoundedMap(limits.completedTasksPerFrameworkMax),
    completedCount: 0,
  };
}

function addTo<Key, Value>(index: Map<Key, Set<Value>>, key: Key, value: Value): void {
  const values = index.get(key);
  if (values === undefined) index.set(key, new Set([value]));
  else values.add(value);
}

function deleteFrom<Key, Value>(index: Map<Key, Set<Value>>, key: Key, value: Value): void {
  const values = index.get(key);
  if (values === undefined) return;
  values.delete(value);
  if (values.size === 0) index.delete(key);
}
