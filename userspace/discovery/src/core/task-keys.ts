/** The key of a task, which is the key of its fact too: ids of tasks are unique only within a framework. */
export type TaskKey = string;

/** The key of a task; framework ids have no slashes. */
export function taskKeyOf(task: {
  readonly frameworkId: string;
  readonly taskId: string;
}): TaskKey {
  return `task/${task.frameworkId}/${task.taskId}`;
}
