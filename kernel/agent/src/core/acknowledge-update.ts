import type { Env } from "@tutti/machine";
import type { MasterMessage } from "@tutti/node-v1";
import { setTaskDeadline, taskKey } from "./agent.ts";
import type { Agent } from "./agent.ts";
import { completeTask } from "./complete-task.ts";
import { isCompleted } from "./held-task.ts";
import { acknowledgeStatus } from "./statuses.ts";
import { sendUpdate } from "./update-task.ts";

/** The scheduler has an update: forgets it and sends the task's next. Rule AGT8. */
export function acknowledgeUpdate(
  agent: Agent,
  message: Extract<MasterMessage, { type: "acknowledgeStatus" }>,
  env: Env,
): void {
  const { frameworkId, taskId, uuid } = message;
  const task = agent.active.get(taskKey(frameworkId, taskId));
  const run = task === undefined ? undefined : acknowledgeStatus(task.run, uuid);
  if (task === undefined || run === undefined) {
    agent.log("debug", "an acknowledgement nobody waits for was ignored", { frameworkId, taskId });
    return;
  }
  agent.changeRun(task, run);
  task.resendDelayMs = 0;
  setTaskDeadline(agent, "resend", task, undefined);
  if (isCompleted(task)) completeTask(agent, task, env);
  else sendUpdate(agent, task, env);
}
