import type { Env } from "@tutti/machine";
import type { Agent } from "./agent.ts";
import { completeTask } from "./complete-task.ts";
import { holdTask, isAlive, isCompleted } from "./held-task.ts";
import { isPartitionAware } from "./partition-aware.ts";
import type { AgentDurable } from "./records.ts";
import { applyOutcome } from "./update-task.ts";

/**
 * Takes up what was durable and asks for the containers; nobody is called before they are known. After
 * a boot of the machine no task of before can be alive. Rules AGT13, AGT14.
 */
export function recover(agent: Agent, durable: AgentDurable, env: Env): void {
  agent.recoverBeganMonoMs = env.monoMs;
  const rebooted = durable.agent !== undefined && durable.agent.bootId !== agent.config.bootId;
  if (durable.agent !== undefined) agent.record = durable.agent;
  if (durable.agent === undefined || rebooted) agent.changeRecord({ bootId: agent.config.bootId });
  for (const framework of durable.frameworks)
    agent.frameworks.set(framework.frameworkId, framework);
  const runs = new Map(durable.runs.map((run) => [run.id, run]));
  for (const record of durable.tasks.toSorted((left, right) => left.order - right.order)) {
    const run = runs.get(record.id);
    if (run === undefined) continue;
    const framework = agent.frameworks.get(record.frameworkId);
    const task = holdTask(record, run, framework?.info);
    agent.nextOrder = record.order + 1;
    agent.restoreTask(task);
  }
  if (rebooted) loseTasks(agent, env);
  const containerIds: string[] = [];
  for (const task of agent.tasks.values()) {
    if (isCompleted(task)) completeTask(agent, task, env);
    if (!task.run.cleaned) containerIds.push(task.record.id);
  }
  agent.perform({ type: "recoverContainers", containerIds });
}

function loseTasks(agent: Agent, env: Env): void {
  agent.log("warn", "the machine was booted: its tasks are lost");
  for (const task of agent.active.values()) {
    if (task.executor === undefined || !isAlive(task)) continue;
    const lost = task.executor.lost({
      state: isPartitionAware(agent, task.record.frameworkId) ? "TASK_GONE" : "TASK_LOST",
      message: "The machine of the agent was rebooted",
      reason: "REASON_AGENT_RESTARTED",
      source: "SOURCE_AGENT",
    });
    applyOutcome(agent, task, lost, env);
  }
}
