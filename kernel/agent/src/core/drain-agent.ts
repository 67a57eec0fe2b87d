import type { Env } from "@tutti/machine";
import type { MasterMessage } from "@tutti/node-v1";
import type { Agent } from "./agent.ts";
import { applyOutcome } from "./update-task.ts";

/**
 * An operator drains the machine: every task is killed by its kill policy, with at most the grace of the order. The
 * order is durable with what it makes of the tasks, so a restart goes on where it was. Rules AGT37, AGT38.
 */
export function drainAgent(
  agent: Agent,
  { maxGraceMs, markGone }: Extract<MasterMessage, { type: "drainAgent" }>,
  env: Env,
): void {
  if (agent.active.size === 0) return;
  const sinceWallMs = agent.record.drain?.sinceWallMs ?? env.wallMs;
  const grace = maxGraceMs === undefined ? {} : { maxGraceMs };
  agent.changeRecord({ drain: { markGone, sinceWallMs, ...grace } });
  agent.log("info", "the agent is drained", { tasks: agent.active.size });
  for (const task of agent.active.values()) {
    if (task.executor === undefined) continue;
    applyOutcome(agent, task, task.executor.killWithin(env, maxGraceMs), env);
  }
}
