import { refuse } from "@tutti/base";
import { readKillGraceMs } from "@tutti/executor";
import type { Env } from "@tutti/machine";
import type { MasterMessage } from "@tutti/node-v1";
import { taskKey } from "./agent.ts";
import type { Agent } from "./agent.ts";
import { checkFrameworkTaskIds } from "./check-ids.ts";
import { makeTask } from "./launch-task.ts";
import { isPartitionAware } from "./partition-aware.ts";
import { addUpdate, applyOutcome } from "./update-task.ts";

/** Ends a task; says of one that is not here that it is gone. Rules AGT10, AGT11. */
export function killTask(
  agent: Agent,
  message: Extract<MasterMessage, { type: "killTask" }>,
  env: Env,
): void {
  const { frameworkId, taskId } = message;
  const task = agent.active.get(taskKey(frameworkId, taskId));
  if (task === undefined) {
    killUnknownTask(agent, frameworkId, taskId, env);
    return;
  }
  const { executor } = task;
  if (executor === undefined) return;
  agent.log("info", "task is to be killed", { frameworkId, taskId });
  const clock = { monoMs: env.monoMs, wallMs: env.wallMs };
  applyOutcome(
    agent,
    task,
    executor.kill(clock, readKillGraceMs(message.killPolicy)?.graceMs),
    env,
  );
}

/** The answer is a status update like any other: durable, and sent until it is acknowledged. */
function killUnknownTask(agent: Agent, frameworkId: string, taskId: string, env: Env): void {
  if (!checkFrameworkTaskIds(frameworkId, taskId).ok || isOver(agent, frameworkId, taskId)) return;
  agent.log("info", "an unknown task was to be killed", { frameworkId, taskId });
  const named = { id: env.random.uuid(), frameworkId, taskId };
  const task = makeTask(agent, named, refuse("TASK_UNKNOWN", "unknown task"));
  agent.addTask(task);
  addUpdate(
    agent,
    task,
    {
      state: isPartitionAware(agent, frameworkId) ? "TASK_GONE" : "TASK_LOST",
      message: "Task is unknown to the agent",
      reason: "REASON_TASK_UNKNOWN",
      source: "SOURCE_AGENT",
    },
    env,
  );
}

/** Whether the task was here and its end was acknowledged: a kill sent twice must not say otherwise. */
function isOver(agent: Agent, frameworkId: string, taskId: string): boolean {
  for (const { record } of agent.tasks.values()) {
    if (record.taskId === taskId && record.frameworkId === frameworkId) return true;
  }
  return false;
}
