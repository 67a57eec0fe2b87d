import { assertNever } from "@tutti/base";
import type { ContainerState } from "@tutti/containerizer/core";
import type { Env } from "@tutti/machine";
import { inMs, setTaskDeadline } from "./agent.ts";
import type { Agent } from "./agent.ts";
import { nextDelayMs } from "./backoff.ts";
import type { AgentEvent } from "./events.ts";
import type { HeldTask } from "./held-task.ts";
import { isAlive } from "./held-task.ts";
import { launchContainer } from "./launch-task.ts";
import { limits } from "./limits.ts";
import { applyOutcome, destroyContainer } from "./update-task.ts";

type EventOf<Type extends AgentEvent["type"]> = Extract<AgentEvent, { type: Type }>;

/** Matches what was found on the machine with what is durable. Rules AGT13, AGT14. */
export function containersRecovered(
  agent: Agent,
  event: EventOf<"containersRecovered">,
  env: Env,
): void {
  agent.recoveryMs ??= env.monoMs - agent.recoverBeganMonoMs;
  const found = new Map(event.containers);
  for (const task of agent.tasks.values()) {
    if (task.run.cleaned) continue;
    matchContainer(agent, task, found.get(task.record.id) ?? { type: "absent" }, env);
  }
  for (const [containerId, state] of found) {
    if (agent.tasks.has(containerId) || state.type === "absent") continue;
    agent.log("warn", "a container without a record is destroyed", { containerId });
    agent.perform({ type: "destroyContainer", containerId });
  }
}

function matchContainer(agent: Agent, task: HeldTask, state: ContainerState, env: Env): void {
  const { executor, record } = task;
  if (executor === undefined || !isAlive(task)) {
    destroyContainer(agent, task);
    return;
  }
  switch (state.type) {
    case "running":
      agent.changeRun(task, { ...task.run, pid: state.pid });
      applyOutcome(agent, task, executor.resume(env), env);
      return;
    case "exited":
      applyOutcome(agent, task, executor.exited(state.exit), env);
      return;
    case "absent": {
      const { phase } = executor.state;
      if (phase === "starting" && executor.state.killed) {
        applyOutcome(agent, task, executor.launchFailed("killed before"), env);
      } else if (phase === "starting" && record.spec !== undefined) {
        launchContainer(agent, record.spec);
      } else {
        applyOutcome(agent, task, executor.exited({ oomKilled: false, unknown: true }), env);
      }
      return;
    }
    default:
      assertNever(state);
  }
}

export function containerLaunched(
  agent: Agent,
  event: EventOf<"containerLaunched">,
  env: Env,
): void {
  const task = agent.tasks.get(event.containerId);
  if (task?.executor === undefined || !isAlive(task)) return;
  if (task.run.pid !== event.pid) agent.changeRun(task, { ...task.run, pid: event.pid });
  applyOutcome(agent, task, task.executor.launched(env), env);
}

export function containerLaunchFailed(
  agent: Agent,
  event: EventOf<"containerLaunchFailed">,
  env: Env,
): void {
  const task = agent.tasks.get(event.containerId);
  if (task?.executor === undefined || !isAlive(task)) return;
  agent.counters.launchErrors += 1;
  const message = event.message.slice(0, limits.faultMessageLengthMax);
  agent.log("warn", "a container could not be started", {
    containerId: event.containerId,
    message,
  });
  applyOutcome(agent, task, task.executor.launchFailed(message), env);
}

export function containerExited(agent: Agent, event: EventOf<"containerExited">, env: Env): void {
  const task = agent.tasks.get(event.containerId);
  if (task?.executor !== undefined)
    applyOutcome(agent, task, task.executor.exited(event.exit), env);
}

/** A container that was destroyed before anybody saw it end was killed. */
export function containerDestroyed(
  agent: Agent,
  event: EventOf<"containerDestroyed">,
  env: Env,
): void {
  const task = agent.tasks.get(event.containerId);
  if (task === undefined) return;
  agent.changeRun(task, { ...task.run, cleaned: true });
  if (task.executor !== undefined) {
    applyOutcome(agent, task, task.executor.exited({ signal: 9, oomKilled: false }), env);
  }
  task.destroying = false;
  task.retryDelayMs = 0;
}

export function containerDestroyFailed(
  agent: Agent,
  event: EventOf<"containerDestroyFailed">,
  env: Env,
): void {
  const { containerId, message } = event;
  agent.counters.destroyErrors += 1;
  agent.log("error", "a container could not be destroyed", { containerId, message });
  const task = agent.tasks.get(containerId);
  if (task !== undefined) retryLater(agent, task, "destroy", env);
}

export function checkFinished(agent: Agent, event: EventOf<"checkFinished">, env: Env): void {
  const task = agent.tasks.get(event.containerId);
  if (task?.executor === undefined) return;
  const { purpose, attempt, result } = event;
  applyOutcome(agent, task, task.executor.checkResult(purpose, attempt, result, env), env);
}

/** The hold of SIGTERM has nobody left to wait for. Rule AGT36. */
export function taskDrained(agent: Agent, event: EventOf<"taskDrained">, env: Env): void {
  const task = agent.tasks.get(event.containerId);
  if (task?.executor !== undefined) applyOutcome(agent, task, task.executor.drained(env), env);
}

export function sandboxRemoved(agent: Agent, event: EventOf<"sandboxRemoved">): void {
  agent.sandboxRemovals -= 1;
  agent.counters.sandboxesRemoved += 1;
  const task = agent.tasks.get(event.id);
  if (task !== undefined) agent.forgetTask(task);
}

export function sandboxRemovalFailed(
  agent: Agent,
  event: EventOf<"sandboxRemovalFailed">,
  env: Env,
): void {
  agent.sandboxRemovals -= 1;
  agent.counters.sandboxRemovalsFailed += 1;
  agent.log("warn", "a sandbox could not be removed", { id: event.id, message: event.message });
  const task = agent.tasks.get(event.id);
  if (task !== undefined) retryLater(agent, task, "collect", env);
}

function retryLater(agent: Agent, task: HeldTask, kind: "destroy" | "collect", env: Env): void {
  task.retryDelayMs = nextDelayMs(task.retryDelayMs, {
    min: limits.retryDelayMsMin,
    max: limits.retryDelayMsMax,
  });
  setTaskDeadline(agent, kind, task, inMs(task.retryDelayMs, env));
}
