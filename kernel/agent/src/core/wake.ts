import { assertNever } from "@tutti/base";
import type { Env } from "@tutti/machine";
import { inMs } from "./agent.ts";
import type { Agent, taskDeadlines } from "./agent.ts";
import { collectSandbox } from "./complete-task.ts";
import { dial, dialNext, hangUp } from "./dial.ts";
import type { HeldTask } from "./held-task.ts";
import { limits } from "./limits.ts";
import { acknowledge, repost } from "./post.ts";
import { applyOutcome, destroyContainer, resendUpdate } from "./update-task.ts";

/** Does what is due. */
export function wake(agent: Agent, env: Env): void {
  for (const id of agent.deadlines.takeDue(env.monoMs)) {
    const colon = id.indexOf(":");
    const task = colon < 0 ? undefined : agent.tasks.get(id.slice(colon + 1));
    if (task !== undefined) wakeTask(agent, task, id.slice(0, colon), env);
    else wakeConnection(agent, id, env);
  }
}

/** The event loop was blocked: the master's pings may lie unread, so it gets a little longer. */
export function stalled(agent: Agent, stalledMs: number, env: Env): void {
  agent.log("warn", "the event loop was blocked", { stalledMs: Math.round(stalledMs) });
  for (const id of ["ping", "welcome"]) {
    const due = agent.deadlines.deadlineOf(id);
    if (due !== undefined) {
      agent.deadlines.set(id, Math.max(due, inMs(limits.stallGraceMs, env)));
    }
  }
}

function wakeTask(agent: Agent, task: HeldTask, kind: string, env: Env): void {
  switch (kind as (typeof taskDeadlines)[number]) {
    case "executor":
      if (task.executor !== undefined) applyOutcome(agent, task, task.executor.wake(env), env);
      return;
    case "resend":
      resendUpdate(agent, task, env);
      return;
    case "destroy":
      task.destroying = false;
      destroyContainer(agent, task);
      return;
    case "collect":
      collectSandbox(agent, task, env);
      return;
    default:
      assertNever(kind as never);
  }
}

function wakeConnection(agent: Agent, id: string, env: Env): void {
  switch (id) {
    case "dial":
      dial(agent, dialNext(agent), 0, env);
      return;
    case "welcome":
      hangUp(agent, "the master sent no welcome in time", env);
      return;
    case "ping":
      hangUp(agent, "the master has been silent for too long", env);
      return;
    case "post":
      repost(agent);
      return;
    case "acknowledge":
      acknowledge(agent);
      return;
    default:
      return;
  }
}
