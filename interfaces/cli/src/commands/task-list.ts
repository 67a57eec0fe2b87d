import { ok } from "@tutti/base";
import type { Task } from "@tutti/marathon-v2";
import { appPath, parseAppArgument } from "../app-path.ts";
import type { CommandHandler } from "../command.ts";
import { readForeignTasks } from "../foreign-tasks.ts";
import { done, refused } from "../refusal.ts";
import { taskHeadings, taskRows, taskSummaryOf } from "../task-summary.ts";

/** `tutti task list [APP]`: the tasks of all apps, or of one; with `--all` of every framework. */
export const taskList: CommandHandler = async (session, [appText], options) => {
  if (appText !== undefined && options.all === true) {
    return refused("USAGE", "Give an app or --all, not both.");
  }
  let path = "/v2/tasks";
  if (appText !== undefined) {
    const id = parseAppArgument(appText);
    if (!id.ok) return id;
    path = `${appPath(id.value)}/tasks`;
  }
  const answer = await session.marathon.call<{ readonly tasks: readonly Task[] }>({ path });
  if (!answer.ok) return answer;
  const foreign = options.all === true ? await readForeignTasks(session) : ok([]);
  if (!foreign.ok) return foreign;
  const { output } = session;
  const tasks = [...answer.value.tasks.map(taskSummaryOf), ...foreign.value].toSorted(
    (left, right) => (left.id < right.id ? -1 : 1),
  );
  output.json({ tasks });
  if (tasks.length === 0) output.line("There are no tasks.");
  else if (options.all === true) {
    const rows = taskRows(output, tasks).map((row, at) => [
      ...row,
      tasks[at]?.framework ?? "marathon",
    ]);
    await output.table([...taskHeadings, "framework"], rows);
  } else await output.table(taskHeadings, taskRows(output, tasks));
  return done;
};
