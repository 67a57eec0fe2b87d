import type { TaskStatus } from "@tutti/mesos-v1";
import type { ModelTask } from "./model-agent.ts";

/** The statuses of the model's agents: the next one of a task follows when the one before is acknowledged. */
export class StatusOutbox {
  readonly #tell: (status: TaskStatus) => void;
  readonly #unacknowledged = new Map<string, TaskStatus[]>();

  constructor(tell: (status: TaskStatus) => void) {
    this.#tell = tell;
  }

  /** An update of the agent: sent again until it is acknowledged. */
  update(task: ModelTask, extra: Partial<TaskStatus>): void {
    const status = { ...statusOf(task, extra), uuid: "AAAAAAAAAAAAAAAAAAAAAA==" };
    const id = task.info.task_id.value;
    const waiting = this.#unacknowledged.get(id) ?? [];
    waiting.push(status);
    this.#unacknowledged.set(id, waiting);
    if (waiting.length === 1) this.#tell(status);
  }

  /** What the master says of itself: nobody acknowledges it. */
  tell(task: ModelTask, extra: Partial<TaskStatus>): void {
    this.#tell(statusOf(task, extra));
  }

  acknowledge(taskId: string): void {
    const waiting = this.#unacknowledged.get(taskId);
    waiting?.shift();
    const [next] = waiting ?? [];
    if (next !== undefined) this.#tell(next);
  }

  /** The framework is back: it hears again what it has not acknowledged. */
  resend(): void {
    for (const [first] of this.#unacknowledged.values()) {
      if (first !== undefined) this.#tell(first);
    }
  }

  forget(taskId: string): void {
    this.#unacknowledged.delete(taskId);
  }
}

function statusOf(task: ModelTask, extra: Partial<TaskStatus>): TaskStatus {
  return {
    task_id: task.info.task_id,
    agent_id: task.info.agent_id,
    state: task.state,
    ...(task.healthy === undefined ? {} : { healthy: task.healthy }),
    ...extra,
  };
}
