import type { CommandInfo, ExecutorInfo, FrameworkInfo, TaskInfo } from "@tutti/mesos-v1";
import type { AgentView, TaskView } from "../view.ts";

/** Characters of a command that a name shows, and of one that it cuts. */
const commandCharsMax = 15;
const commandCharsCut = 12;

/** The name Mesos gives to the executor of a command task. */
export function executorNameOf(info: TaskInfo): string {
  return `Command Executor (Task: ${info.task_id.value}) (Command: ${commandTextOf(info.command)})`;
}

/**
 * A command task seen as an executor, which here is no process and takes nothing; undefined for a task
 * that was refused.
 */
export function executorInfoOf({ record }: TaskView): ExecutorInfo | undefined {
  const { info, spec } = record;
  if (info === undefined || spec === undefined) return undefined;
  return {
    executor_id: info.task_id,
    framework_id: { value: record.frameworkId },
    ...(info.command === undefined ? {} : { command: info.command }),
    resources: [],
    name: executorNameOf(info),
    source: info.task_id.value,
    ...(info.labels === undefined ? {} : { labels: info.labels }),
  };
}

/** Tasks by the framework they belong to. */
export function tasksByFramework(view: AgentView): ReadonlyMap<string, readonly TaskView[]> {
  const groups = new Map<string, TaskView[]>();
  for (const task of view.tasks) {
    const group = groups.get(task.record.frameworkId);
    if (group === undefined) groups.set(task.record.frameworkId, [task]);
    else group.push(task);
  }
  return groups;
}

/** Frameworks with a task that is not completed, and the others. */
export function splitFrameworks(view: AgentView): {
  readonly active: readonly FrameworkInfo[];
  readonly completed: readonly FrameworkInfo[];
} {
  const active: FrameworkInfo[] = [];
  const completed: FrameworkInfo[] = [];
  const groups = tasksByFramework(view);
  for (const { frameworkId, info } of view.frameworks) {
    const tasks = groups.get(frameworkId) ?? [];
    (tasks.some(({ stage }) => stage !== "completed") ? active : completed).push(info);
  }
  return { active, completed };
}

function commandTextOf(command: CommandInfo | undefined): string {
  const { value = "", shell = true, arguments: argv = [] } = command ?? {};
  const text = shell ? value : [value, ...argv.slice(1)].join(" ");
  const shown = text.length > commandCharsMax ? `${text.slice(0, commandCharsCut)}...` : text;
  return shell ? `sh -c '${shown}'` : `'${shown}'`;
}
