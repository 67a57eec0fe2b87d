import { explainApp, type Explanation } from "@tutti/marathon-v2";
import { parseAppArgument } from "../app-path.ts";
import type { CommandHandler } from "../command.ts";
import { explainTask } from "../explain/explain-task.ts";
import { readAppFacts } from "../explain/read-facts.ts";
import { readTaskFacts } from "../explain/read-task.ts";
import type { Output } from "../output.ts";
import { done, type Outcome, refused } from "../refusal.ts";
import { unknownApp } from "../unknown-app.ts";

/** `tutti explain APP|TASK`: why it does not run, or not all of it, and what would help. */
export const explain: CommandHandler = async (session, [text = ""]) => {
  const id = parseAppArgument(text);
  const facts = id.ok ? await readAppFacts(session, id.value) : id;
  if (facts.ok) {
    const { wanted, counts } = facts.value;
    const explanation = explainApp(facts.value);
    const running = counts.ready + counts.notReady;
    const instances = { wanted, running, ready: counts.ready };
    return show(session.output, { id: facts.value.id, instances }, explanation);
  }
  if (id.ok && facts.error.code !== "NOT_FOUND") return facts;
  const task = text.startsWith("/") ? undefined : await readTaskFacts(session, text);
  if (task?.ok === true && task.value !== undefined) {
    const { state, framework, machine } = task.value;
    return show(session.output, { id: text, state, framework, machine }, explainTask(task.value));
  }
  if (id.ok) return unknownApp(session, id.value);
  if (text.startsWith("/")) return id;
  return refused("NOT_FOUND", `There is no app and no task ${text}.`, {
    hint: "See ./tutti app list and ./tutti task list --all.",
  });
};

function show(output: Output, subject: object, explanation: Explanation): Outcome {
  output.json({ ...subject, ...explanation });
  output.line(output.style("bold", explanation.summary));
  for (const detail of explanation.details) output.line(detail);
  for (const advice of explanation.advice) output.line(output.style("cyan", advice));
  return done;
}
