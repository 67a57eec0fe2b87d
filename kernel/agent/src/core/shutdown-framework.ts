import type { Env } from "@tutti/machine";
import { setTaskDeadline } from "./agent.ts";
import type { Agent } from "./agent.ts";
import { completeTask } from "./complete-task.ts";
import { isCompleted } from "./held-task.ts";
import { applyOutcome } from "./update-task.ts";

/** The framework is gone: kills its tasks and says no more about them. Rule AGT12. */
export function shutdownFramework(agent: Agent, frameworkId: string, env: Env): void {
  const clock = { monoMs: env.monoMs, wallMs: env.wallMs };
  agent.log("info", "framework is shut down", { frameworkId });
  for (const task of agent.active.values()) {
    if (task.record.frameworkId !== frameworkId) continue;
    agent.changeRun(task, { ...task.run, silent: true, pending: [] });
    setTaskDeadline(agent, "resend", task, undefined);
    if (task.executor !== undefined) applyOutcome(agent, task, task.executor.shutDown(clock), env);
    if (agent.tasks.has(task.record.id) && isCompleted(task)) completeTask(agent, task, env);
  }
}
