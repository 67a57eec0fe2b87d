import { assertNever } from "@tutti/base";
import { uuidBase64Of } from "@tutti/ids";
import type { Drain, ExecutorAction, Outcome, Probe, StatusDraft } from "@tutti/executor";
import type { Env } from "@tutti/machine";
import type { ContainerStatus, TaskStatus } from "@tutti/mesos-v1";
import { inMs, setTaskDeadline } from "./agent.ts";
import type { Agent } from "./agent.ts";
import { nextDelayMs } from "./backoff.ts";
import { containerCommandOf } from "./container-spec.ts";
import { draftWhileDraining } from "./drain-words.ts";
import type { ContainerCheck } from "./effects.ts";
import { isAlive, isCompleted } from "./held-task.ts";
import type { HeldTask } from "./held-task.ts";
import { limits } from "./limits.ts";
import { networkInfosOf } from "./network-infos.ts";
import { enqueue } from "./session.ts";
import { servedPortsOf } from "./served-ports.ts";
import { addStatus, isTerminal } from "./statuses.ts";
import { commandVariables } from "./task-environment.ts";
import { completeTask } from "./complete-task.ts";

/** Carries out what the executor of a task wants, and notes what it has become. */
export function applyOutcome(agent: Agent, task: HeldTask, outcome: Outcome, env: Env): void {
  const { executor } = task;
  if (executor === undefined) return;
  const wasAlive = isAlive(task);
  if (outcome.changed) agent.changeRun(task, { ...task.run, executor: executor.state });
  for (const draft of outcome.updates) addUpdate(agent, task, draft, env);
  for (const action of outcome.actions) applyAction(agent, task, action);
  setTaskDeadline(agent, "executor", task, executor.wakeAtMonoMs);
  awaitDrained(agent, task, executor.heldFor(env));
  if (wasAlive && !isAlive(task)) ended(agent, task, env);
}

/** While SIGTERM is held, discovery is asked whether that is still needed. Rule AGT36. */
function awaitDrained(agent: Agent, task: HeldTask, drain: Drain | undefined): void {
  if (drain === undefined || task.draining) return;
  task.draining = true;
  const { id: containerId, frameworkId, taskId, info } = task.record;
  const { pid } = task.run;
  agent.perform({
    type: "awaitDrained",
    containerId,
    frameworkId,
    taskId,
    ...(pid === undefined ? {} : { pid }),
    ports: info === undefined ? [] : servedPortsOf(info),
    waitMs: drain.drainMs,
    ...(drain.connectionsMs === undefined ? {} : { connectionsMs: drain.connectionsMs }),
  });
}

/** Gives a task one more status; sends it when no earlier one waits. Rules AGT7 to AGT9. */
export function addUpdate(agent: Agent, task: HeldTask, draft: StatusDraft, env: Env): void {
  const status = statusOf(agent, task, draftWhileDraining(agent, task, draft), env);
  agent.changeRun(task, addStatus(task.run, status));
  agent.counters.validUpdates += 1;
  if (isTerminal(status.state)) {
    const { terminal } = agent.counters;
    terminal.set(status.state, (terminal.get(status.state) ?? 0) + 1);
    agent.changeRun(task, { ...task.run, endedAtWallMs: env.wallMs });
  }
  agent.refreshActive(task);
  sendUpdate(agent, task, env);
}

/** Sends the first pending update unless it was sent in this session. */
export function sendUpdate(agent: Agent, task: HeldTask, env: Env): void {
  const { session } = agent;
  const [status] = task.run.pending;
  if (session.phase !== "joined" || status === undefined || task.resendDelayMs > 0) return;
  task.resendDelayMs = limits.resendDelayMsMin;
  setTaskDeadline(agent, "resend", task, inMs(task.resendDelayMs, env));
  const { frameworkId } = task.record;
  enqueue(session, { type: "statusUpdate", frameworkId, status, latestState: task.run.state });
}

/** The first pending update was not acknowledged in time: sends it again. */
export function resendUpdate(agent: Agent, task: HeldTask, env: Env): void {
  const delayMs = task.resendDelayMs;
  if (!isInOutbox(agent, task)) {
    task.resendDelayMs = 0;
    sendUpdate(agent, task, env);
    if (task.resendDelayMs === 0) return;
  }
  task.resendDelayMs = nextDelayMs(delayMs, {
    min: limits.resendDelayMsMin,
    max: limits.resendDelayMsMax,
  });
  setTaskDeadline(agent, "resend", task, inMs(task.resendDelayMs, env));
}

/** A framework's scheduler is back: what it has not acknowledged is sent again at once. Rule AGT12. */
export function resendUpdates(agent: Agent, frameworkId: string, env: Env): void {
  for (const task of agent.active.values()) {
    if (task.record.frameworkId !== frameworkId || task.run.pending.length === 0) continue;
    if (isInOutbox(agent, task)) continue;
    task.resendDelayMs = 0;
    sendUpdate(agent, task, env);
  }
}

/** Whether the update waits for a post that has not succeeded: a second copy would only make it larger. */
function isInOutbox({ session }: Agent, task: HeldTask): boolean {
  const uuid = task.run.pending[0]?.uuid;
  return (
    session.phase === "joined" &&
    session.outbox.some(
      ({ message }) => message.type === "statusUpdate" && message.status.uuid === uuid,
    )
  );
}

/** Orders the container destroyed unless that is under way. */
export function destroyContainer(agent: Agent, task: HeldTask): void {
  if (task.destroying || task.run.cleaned) return;
  task.destroying = true;
  agent.perform({ type: "destroyContainer", containerId: task.record.id });
}

function ended(agent: Agent, task: HeldTask, env: Env): void {
  destroyContainer(agent, task);
  agent.refreshActive(task);
  if (isCompleted(task)) completeTask(agent, task, env);
}

function applyAction(agent: Agent, task: HeldTask, action: ExecutorAction): void {
  const containerId = task.record.id;
  switch (action.type) {
    case "signal":
      agent.perform({ type: "signalContainer", containerId, signal: action.signal });
      return;
    case "destroy":
      destroyContainer(agent, task);
      return;
    case "runCheck": {
      const { purpose, attempt, timeoutMs } = action;
      const check = checkOf(task, action.probe);
      agent.perform({ type: "runCheck", containerId, purpose, attempt, check, timeoutMs });
      return;
    }
    default:
      assertNever(action);
  }
}

/** A command check sees the task's environment and its own variables. */
function checkOf(task: HeldTask, probe: Probe): ContainerCheck {
  if (probe.type !== "command") return probe;
  return {
    type: "command",
    command: containerCommandOf(probe.command),
    env: { ...task.record.spec?.env, ...commandVariables(probe.command) },
  };
}

function statusOf(agent: Agent, task: HeldTask, draft: StatusDraft, env: Env): TaskStatus {
  const { record, run } = task;
  const uuid = uuidBase64Of(env.random.uuid());
  // By assignment: one is made for each update, and spreading parts costs more.
  const status: { -readonly [Name in keyof TaskStatus]: TaskStatus[Name] } = {
    task_id: { value: record.taskId },
    ...draft,
  };
  status.agent_id = { value: agent.agentId };
  if (record.spec !== undefined) status.executor_id = { value: record.taskId };
  status.timestamp = env.wallMs / 1000;
  if (uuid !== undefined) status.uuid = uuid;
  if (record.spec !== undefined)
    status.container_status = containerStatusOf(agent, record.id, run.pid);
  return status;
}

function containerStatusOf(
  agent: Agent,
  containerId: string,
  pid: number | undefined,
): ContainerStatus {
  return {
    container_id: { value: containerId },
    network_infos: networkInfosOf(agent.config),
    ...(pid === undefined ? {} : { executor_pid: pid }),
  };
}
