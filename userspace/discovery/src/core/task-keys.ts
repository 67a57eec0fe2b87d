/** The key of a task: ids of tasks are unique only within a framework. */
export type TaskKey = string;

/** The key of a task; framework ids have no blanks. */
export function taskKeyOf(task: {
  readonly frameworkId: string;
  readonly taskId: string;
}): TaskKey {
  return `${task.frameworkId} ${task.taskId}`;
}
