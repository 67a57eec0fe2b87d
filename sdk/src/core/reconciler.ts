import { limits } from "./limits.ts";
import type { SchedulerCall } from "@tutti/mesos-v1";

/** A task whose state is in question. */
export interface ReconciledTask {
  readonly taskId: string;
  readonly agentId?: string;
}

/**
 * Explicit reconciliation: asks for each task again and again, ever more slowly, until the master has
 * said something about it.
 *
 * Invariant: a task is asked for only between `ask` and the first status that comes for it.
 */
export class Reconciler {
  readonly #open = new Map<string, ReconciledTask>();
  #delayMs: number = limits.reconcileFirstMs;
  #nextMonoMs: number | undefined;

  /** Tasks without an answer. */
  get size(): number {
    return this.#open.size;
  }

  /** Begins a round over `tasks`, replacing a round in progress; the first calls are due at once. */
  ask(tasks: readonly ReconciledTask[], monoMs: number): void {
    this.#open.clear();
    for (const task of tasks) this.#open.set(task.taskId, task);
    this.#delayMs = limits.reconcileFirstMs;
    this.#nextMonoMs = this.#open.size === 0 ? undefined : monoMs;
  }

  /** A status of this task arrived, whatever it said. */
  answered(taskId: string): void {
    this.#open.delete(taskId);
    if (this.#open.size === 0) this.#nextMonoMs = undefined;
  }

  /** Asks nothing more: the stream is gone. */
  stop(): void {
    this.#open.clear();
    this.#nextMonoMs = undefined;
  }

  /** When calls are due next. */
  get nextMonoMs(): number | undefined {
    return this.#nextMonoMs;
  }

  /** The calls that are due at `monoMs`, none when it is too early. */
  takeCalls(monoMs: number): readonly SchedulerCall[] {
    if (this.#nextMonoMs === undefined || monoMs < this.#nextMonoMs) return [];
    this.#nextMonoMs = monoMs + this.#delayMs;
    this.#delayMs = Math.min(this.#delayMs * limits.reconcileFactor, limits.reconcileMs);
    const tasks = [...this.#open.values()];
    const calls: SchedulerCall[] = [];
    for (let at = 0; at < tasks.length; at += limits.reconcileTasksMax) {
      calls.push(reconcileCall(tasks.slice(at, at + limits.reconcileTasksMax)));
    }
    return calls;
  }
}

/** One RECONCILE call; for no tasks it asks for all of the framework's (implicit reconciliation). */
export function reconcileCall(tasks: readonly ReconciledTask[]): SchedulerCall {
  return {
    type: "RECONCILE",
    reconcile: {
      tasks: tasks.map(({ taskId, agentId }) => ({
        task_id: { value: taskId },
        ...(agentId === undefined ? {} : { agent_id: { value: agentId } }),
      })),
    },
  };
}
