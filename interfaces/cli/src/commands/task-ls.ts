import type { CommandHandler } from "../command.ts";
import { AgentServices, findSubject, type LoggedTask, readAppTasks } from "../logged-task.ts";
import { done, type Outcome, refused } from "../refusal.ts";
import { listSandbox } from "../sandbox.ts";
import type { Session } from "../session.ts";

/** `tutti task ls TASK [PATH]`: what lies in a task's sandbox. */
export const taskLs: CommandHandler = async (session, [text = "", path = ""]) => {
  const task = await findOneTask(session, text);
  if (!task.ok) return task;
  const agent = await new AgentServices(session).of(task.value.agentId);
  if (!agent.ok) return agent;
  const listed = await listSandbox(agent.value, task.value, path);
  if (!listed.ok) return listed;
  const { output } = session;
  const entries = listed.value;
  output.json({ task: task.value.id, path, entries });
  if (entries.length === 0) output.line("There is nothing in it.");
  else {
    await output.table(
      ["mode", "user", "group", "size", "modified", "name"],
      entries.map((entry) => [
        entry.mode,
        entry.user,
        entry.group,
        String(entry.size),
        entry.modifiedAt.slice(0, 19).replace("T", " "),
        entry.isDirectory ? output.style("cyan", `${entry.name}/`) : entry.name,
      ]),
    );
  }
  return done;
};

/** The task that is meant; an app stands for its task when it has only one. */
async function findOneTask(session: Session, text: string): Promise<Outcome<LoggedTask>> {
  const subject = await findSubject(session, text);
  if (!subject.ok) return subject;
  if (subject.value.type === "task") return { ok: true, value: subject.value.task };
  const { name } = subject.value;
  const tasks = await readAppTasks(session, subject.value.path);
  if (!tasks.ok) return tasks;
  const [only, ...others] = tasks.value;
  if (only === undefined) {
    return refused("NOT_FOUND", `No instance of ${name} runs.`, {
      hint: `See why with ./tutti explain ${name}.`,
    });
  }
  if (others.length === 0) return { ok: true, value: only };
  return refused("USAGE", `${name} has ${String(tasks.value.length)} instances: name one task.`, {
    hint: `See ./tutti task list ${name}; the first is ${only.id}.`,
  });
}
