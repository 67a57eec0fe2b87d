import type { Task } from "@tutti/marathon-v2";
import { appPath, parseAppArgument } from "../app-path.ts";
import type { CommandHandler } from "../command.ts";
import { done } from "../refusal.ts";
import { taskHeadings, taskRows, taskSummaryOf } from "../task-summary.ts";

/** `tutti task list [APP]`: the tasks of all apps, or of one. */
export const taskList: CommandHandler = async (session, [appText]) => {
  let path = "/v2/tasks";
  if (appText !== undefined) {
    const id = parseAppArgument(appText);
    if (!id.ok) return id;
    path = `${appPath(id.value)}/tasks`;
  }
  const answer = await session.marathon.call<{ readonly tasks: readonly Task[] }>({ path });
  if (!answer.ok) return answer;
  const { output } = session;
  const tasks = answer.value.tasks
    .map(taskSummaryOf)
    .toSorted((left, right) => (left.id < right.id ? -1 : 1));
  output.json({ tasks });
  if (tasks.length === 0) output.line("There are no tasks.");
  else await output.table(taskHeadings, taskRows(output, tasks));
  return done;
};
