import type { AgentId, FrameworkId, TaskId } from "@tutti/ids";
import { isTerminal } from "@tutti/mesos-v1";
import type { KillPolicy, Resource, Task, TaskInfo, TaskState, TaskStatus } from "@tutti/mesos-v1";
import type { Resources } from "@tutti/resources";
import { limits } from "../limits.ts";
import { keptOf, reportOf, statusOf } from "./kept-status.ts";
import type { KeptReport, KeptStatus } from "./kept-status.ts";
import type { SharedParts } from "./shared-parts.ts";

/** A task's name within the cluster. */
export interface TaskKey {
  readonly frameworkId: FrameworkId;
  readonly taskId: TaskId;
}

/** A launch that the agent has not acknowledged: what has to be sent again in its next session. */
export interface PendingLaunch {
  readonly info: TaskInfo;
  readonly principal: string;
}

/** A kill that was asked for and has not ended the task yet. */
export interface PendingKill {
  readonly policy?: KillPolicy;
}

/** What a task is made of when the master meets it. */
export interface TaskOrigin extends TaskKey {
  readonly agentId: AgentId;
  /** As the APIs show it. */
  readonly task: Task;
  readonly resources: Resources;
  readonly launch?: PendingLaunch;
}

/** What a task has alike with others of its app. */
type TaskParts = Omit<
  Task,
  | "task_id"
  | "framework_id"
  | "agent_id"
  | "state"
  | "resources"
  | "statuses"
  | "status_update_state"
  | "status_update_uuid"
>;

/** What few tasks have, or none for long. */
interface Rare {
  readonly launch?: PendingLaunch;
  readonly kill?: PendingKill;
  /** The resources as they were said, where `resources` does not say all of it. */
  readonly said?: readonly Resource[];
}

const nothingRare: Rare = {};

/**
 * A task as the master knows it: a value; every change makes another. There may be hundreds of thousands, so it
 * holds only what is its own; what it shares with others is one object for all, and the message that the
 * APIs show is put together when it is asked for.
 */
export class MasterTask implements TaskKey {
  readonly frameworkId: FrameworkId;
  readonly taskId: TaskId;
  readonly agentId: AgentId;
  /** The newest state the agent told. */
  readonly state: TaskState;
  /** What is charged for it, with `allocation_info`, until it is terminal. */
  readonly resources: Resources;
  readonly #parts: TaskParts;
  /** Most tasks that run have had one status: it stands here without a list. */
  readonly #statuses: KeptStatus | readonly KeptStatus[];
  /** Of the update that is to be acknowledged next. */
  readonly updateState: TaskState | undefined;
  readonly updateUuid: string | undefined;
  readonly #rare: Rare;

  private constructor(
    key: TaskKey & { readonly agentId: AgentId; readonly resources: Resources },
    state: TaskState,
    parts: TaskParts,
    statuses: readonly KeptStatus[],
    update: { readonly state: TaskState | undefined; readonly uuid: string | undefined },
    rare: Rare,
  ) {
    this.frameworkId = key.frameworkId;
    this.taskId = key.taskId;
    this.agentId = key.agentId;
    this.resources = key.resources;
    this.state = state;
    this.#parts = parts;
    this.#statuses = statuses.length === 1 ? (statuses[0] ?? statuses) : statuses;
    this.updateState = update.state;
    this.updateUuid = update.uuid;
    this.#rare = rare;
  }

  static of(origin: TaskOrigin, shared: SharedParts): MasterTask {
    const { task, launch } = origin;
    const {
      task_id: _taskId,
      framework_id: _frameworkId,
      agent_id: _agentId,
      state,
      resources: said,
      statuses,
      status_update_state: updateState,
      status_update_uuid: updateUuid,
      ...parts
    } = task;
    return new MasterTask(
      origin,
      shared.text(state),
      shared.value<TaskParts>(parts),
      (statuses ?? []).map((status) => keptOf(status, shared)),
      { state: updateState, uuid: updateUuid },
      rareOf({
        ...(launch === undefined ? {} : { launch }),
        ...(said === undefined || origin.resources.isSaidBy(said) ? {} : { said }),
      }),
    );
  }

  /** Until the agent has acknowledged the launch. */
  get launch(): PendingLaunch | undefined {
    return this.#rare.launch;
  }

  get kill(): PendingKill | undefined {
    return this.#rare.kill;
  }

  get executorId(): string | undefined {
    return this.#parts.executor_id?.value;
  }

  /** As the APIs show it. */
  get task(): Task {
    const taskId = { value: this.taskId };
    const agentId = { value: this.agentId };
    const resources = this.#rare.said ?? this.resources.toMessages();
    const statuses = this.#keptStatuses.map((kept) => statusOf(kept, taskId, agentId));
    return {
      ...this.#parts,
      task_id: taskId,
      framework_id: { value: this.frameworkId },
      agent_id: agentId,
      state: this.state,
      ...(resources.length === 0 ? {} : { resources }),
      ...(statuses.length === 0 ? {} : { statuses }),
      ...(this.updateState === undefined ? {} : { status_update_state: this.updateState }),
      ...(this.updateUuid === undefined ? {} : { status_update_uuid: this.updateUuid }),
    };
  }

  /** What the newest status says of health and container: a reconciliation asks for that of every task. */
  get latestReport(): KeptReport | undefined {
    const latest = this.#keptStatuses.at(-1);
    return latest && reportOf(latest);
  }

  /**
   * The task after a status. A status of the same state as the last takes its place, so that repeated
   * updates and health reports do not pile up. Rule MST63.
   */
  withStatus(status: TaskStatus, latestState: TaskState, shared: SharedParts): MasterTask {
    const kept = keptOf(status, shared);
    const before = this.#keptStatuses;
    const head = before.at(-1)?.state === status.state ? before.slice(0, -1) : before;
    return new MasterTask(
      this,
      isTerminal(this.state) ? this.state : shared.text(latestState),
      this.#parts,
      [...head, kept].slice(-limits.statusesPerTaskMax),
      { state: kept.state, uuid: kept.uuid ?? this.updateUuid },
      this.#rare,
    );
  }

  /** The task once its launch need not be sent again. */
  withoutLaunch(): MasterTask {
    const { launch, ...rest } = this.#rare;
    return launch === undefined ? this : this.#withRare(rareOf(rest));
  }

  withKill(kill: PendingKill): MasterTask {
    return this.#withRare({ ...this.#rare, kill });
  }

  /** The task as its agent tells it, which has it: nothing need be launched any more. */
  asTold(task: Task, shared: SharedParts): MasterTask {
    const { kill } = this.#rare;
    const told = MasterTask.of({ ...keyOf(this), task, resources: this.resources }, shared);
    return kill === undefined ? told : told.withKill(kill);
  }

  get #keptStatuses(): readonly KeptStatus[] {
    return "state" in this.#statuses ? [this.#statuses] : this.#statuses;
  }

  #withRare(rare: Rare): MasterTask {
    const update = { state: this.updateState, uuid: this.updateUuid };
    return new MasterTask(this, this.state, this.#parts, this.#keptStatuses, update, rare);
  }
}

function keyOf({ frameworkId, taskId, agentId }: MasterTask): TaskKey & { agentId: AgentId } {
  return { frameworkId, taskId, agentId };
}

function rareOf(rare: Rare): Rare {
  const isNothing = rare.launch === undefined && rare.kill === undefined && rare.said === undefined;
  return isNothing ? nothingRare : rare;
}
