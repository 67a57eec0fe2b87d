import { CommandExecutor, readTaskPolicy } from "@tutti/executor";
import { Resources } from "@tutti/resources";
import type { FrameworkInfo } from "@tutti/mesos-v1";
import type { TaskRecord, TaskRun } from "./records.ts";

/** A task in memory: its records and what does not outlive the process. */
export interface HeldTask {
  readonly record: TaskRecord;
  run: TaskRun;
  /** Absent when there is nothing to run: a refused or an unknown task. */
  readonly executor: CommandExecutor | undefined;
  /** What it takes from the machine until it is over. */
  readonly resources: Resources;
  /** How long the first pending update waits before it is sent again; 0 = not sent in this session. */
  resendDelayMs: number;
  /** A `destroyContainer` is under way. */
  destroying: boolean;
  /** An `awaitDrained` was ordered in this life. */
  draining: boolean;
  /** Pause before the next attempt to destroy the container or to remove the sandbox. */
  retryDelayMs: number;
  /** The run differs from the durable one. */
  dirty: boolean;
}

/** Makes the task of two records, as it was at its last durable change. */
export function holdTask(
  record: TaskRecord,
  run: TaskRun,
  framework: FrameworkInfo | undefined,
): HeldTask {
  return {
    record,
    run,
    executor: executorOf(record, run, framework),
    resources: Resources.of(
      record.spec === undefined ? [] : (record.info?.resources ?? []),
    ).unallocate(),
    resendDelayMs: 0,
    destroying: false,
    draining: false,
    retryDelayMs: 0,
    dirty: false,
  };
}

/** Whether the task's container is (or may be) alive. */
export function isAlive(task: HeldTask): boolean {
  return task.run.executor.phase !== "ended";
}

/** Whether nothing more will happen to the task and everybody knows. */
export function isCompleted(task: HeldTask): boolean {
  return !isAlive(task) && task.run.pending.length === 0;
}

function executorOf(
  record: TaskRecord,
  run: TaskRun,
  framework: FrameworkInfo | undefined,
): CommandExecutor | undefined {
  if (record.info === undefined || record.spec === undefined || framework === undefined)
    return undefined;
  const policy = readTaskPolicy(record.info, framework);
  return policy.ok ? new CommandExecutor(policy.value, run.executor) : undefined;
}
