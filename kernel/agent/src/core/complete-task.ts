import type { Env } from "@tutti/machine";
import { inMs, setTaskDeadline } from "./agent.ts";
import type { Agent } from "./agent.ts";
import { isCompleted } from "./held-task.ts";
import type { HeldTask } from "./held-task.ts";
import { limits } from "./limits.ts";
import { sandboxAgeMsMax } from "./sandbox-age.ts";

/**
 * A task is over and everybody knows: its sandbox is kept for a while. What never had one is forgotten
 * when it was only asked about. Rules AGT21, AGT22.
 */
export function completeTask(agent: Agent, task: HeldTask, env: Env): void {
  setTaskDeadline(agent, "resend", task, undefined);
  setTaskDeadline(agent, "executor", task, undefined);
  agent.refreshActive(task);
  if (task.record.info === undefined) {
    agent.forgetTask(task);
    return;
  }
  setTaskDeadline(agent, "collect", task, collectAtMonoMs(agent, task, env));
  collectOldest(agent, env);
}

/** The disk has become fuller or emptier: sandboxes are kept shorter or longer. Rule AGT27. */
export function diskMeasured(agent: Agent, usedFraction: number, env: Env): void {
  const keptMs = sandboxAgeMsMax(agent.config.sandboxKeptMs, usedFraction);
  if (keptMs === agent.sandboxKeptMs) return;
  agent.sandboxKeptMs = keptMs;
  for (const task of agent.tasks.values()) {
    // Those without a deadline are alive or on their way out; those that could not be removed wait their time.
    const due = agent.deadlines.deadlineOf(`collect:${task.record.id}`);
    if (due === undefined || due <= env.monoMs || task.retryDelayMs > 0) continue;
    setTaskDeadline(agent, "collect", task, collectAtMonoMs(agent, task, env));
  }
  collectOldest(agent, env);
}

/** When a completed task has had its time. The wall clock may have been set back: never more than all of it. */
function collectAtMonoMs(agent: Agent, task: HeldTask, env: Env): number {
  const keptMs = env.wallMs - (task.run.endedAtWallMs ?? env.wallMs);
  const leftMs = Math.min(agent.sandboxKeptMs, agent.sandboxKeptMs - keptMs);
  return inMs(Math.max(0, leftMs), env);
}

/** The sandbox of a task has had its time: orders it removed, or waits for its turn. */
export function collectSandbox(agent: Agent, task: HeldTask, env: Env): void {
  const { spec } = task.record;
  if (spec === undefined) {
    agent.forgetTask(task);
    return;
  }
  if (!task.run.cleaned || agent.sandboxRemovals >= limits.sandboxRemovalsInFlightMax) {
    setTaskDeadline(agent, "collect", task, inMs(limits.retryDelayMsMin, env));
    return;
  }
  agent.sandboxRemovals += 1;
  agent.perform({ type: "removeSandbox", id: task.record.id, dir: spec.sandboxDir });
}

/** More completed tasks than are kept: the oldest are collected now. */
function collectOldest(agent: Agent, env: Env): void {
  let surplus = agent.tasks.size - agent.active.size - limits.completedTasksMax;
  for (const task of agent.tasks.values()) {
    if (surplus <= 0) return;
    if (!isCompleted(task)) continue;
    surplus -= 1;
    const due = agent.deadlines.deadlineOf(`collect:${task.record.id}`);
    if (due !== undefined && due > env.monoMs) setTaskDeadline(agent, "collect", task, env.monoMs);
  }
}
