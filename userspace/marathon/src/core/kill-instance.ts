import type { Env } from "@tutti/machine";
import type { AppState } from "./app-state.ts";
import { isUnreachable } from "./instance.ts";
import type { Instance } from "./instance.ts";
import { publishInstanceChanged } from "./publish.ts";
import { limits } from "./limits.ts";
import type { World } from "./world.ts";

/**
 * Decides that an instance shall end: durable first, then KILL, repeated until the agent has said that it
 * is gone. One whose agent is away is killed when it returns. Rule MAR24.
 */
export function decommission(world: World, env: Env, app: AppState, instance: Instance): void {
  if (instance.goal === "Decommissioned") return;
  const decommissioned: Instance = { ...instance, goal: "Decommissioned" };
  world.putInstance(app, decommissioned);
  world.timers.delete(`launch:${instance.taskId}`);
  publishInstanceChanged(world, env, decommissioned);
  if (!isUnreachable(instance)) sendKill(world, env, decommissioned, limits.killRetryFirstMs);
}

/** Sends KILL and arms its repetition. */
export function sendKill(world: World, env: Env, instance: Instance, retryMs: number): void {
  world.call({
    type: "KILL",
    kill: { task_id: { value: instance.taskId }, agent_id: { value: instance.agentId } },
  });
  world.timers.set(`kill:${instance.taskId}`, env.monoMs + retryMs);
}

/** The repetition of a KILL is due: it goes on for as long as the task lives. */
export function retryKill(world: World, env: Env, taskId: string): void {
  const instance = world.instanceOfTask(taskId)?.instance ?? world.orphans.get(taskId);
  if (instance === undefined || instance.goal === "Running" || isUnreachable(instance)) return;
  sendKill(world, env, instance, limits.killRetryMs);
}
