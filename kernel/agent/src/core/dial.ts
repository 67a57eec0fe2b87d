import { present } from "@tutti/base";
import { nodeVersions } from "@tutti/node-v1";
import type { AgentHello } from "@tutti/node-v1";
import type { Env } from "@tutti/machine";
import type { FrameworkInfo, Task } from "@tutti/mesos-v1";
import { inMs, setTaskDeadline } from "./agent.ts";
import type { Agent } from "./agent.ts";
import { jittered, nextDelayMs } from "./backoff.ts";
import { agentCapabilities } from "./capabilities.ts";
import { limits } from "./limits.ts";
import { taskMessageOf } from "./task-message.ts";

/** Deadlines of the connection to the master. */
const connectionDeadlines = ["dial", "welcome", "ping", "post", "acknowledge"] as const;

/** Calls the next master of the list. Rule AGT1. */
export function dialNext(agent: Agent): string {
  const { masters } = agent.config;
  const url = present(masters[agent.nextMaster % masters.length], "a master of the list");
  agent.nextMaster = (agent.nextMaster + 1) % masters.length;
  return url;
}

/** Opens a stream to `url`, which the welcome must answer in time. */
export function dial(agent: Agent, url: string, redirects: number, env: Env): void {
  agent.dials += 1;
  agent.session = { phase: "dialling", dial: agent.dials, url, redirects, received: 0 };
  agent.deadlines.set("welcome", inMs(limits.welcomeTimeoutMs, env));
  agent.perform({ type: "dial", dial: agent.dials, url, hello: helloOf(agent) });
}

/** Dials again after `delayMs`. */
export function dialLater(agent: Agent, delayMs: number, env: Env): void {
  disconnect(agent);
  agent.session = { phase: "waiting" };
  agent.deadlines.set("dial", inMs(delayMs, env));
}

/** The attempt failed: waits twice as long as before, by chance a little less. Rule AGT2. */
export function dialFailed(agent: Agent, message: string, env: Env): void {
  agent.dialDelayMs = nextDelayMs(agent.dialDelayMs, {
    min: limits.dialDelayMsMin,
    max: limits.dialDelayMsMax,
  });
  agent.log("warn", "the master could not be reached", { message });
  dialLater(agent, jittered(agent.dialDelayMs, env.random), env);
}

/** The stream ended from the other side: calls again soon. */
export function masterClosed(agent: Agent, message: string, env: Env): void {
  if (agent.session.phase !== "joined") {
    dialFailed(agent, message, env);
    return;
  }
  agent.log("warn", "the master closed the session", { message });
  dialLater(agent, env.random.next() * limits.redialDelayMs, env);
}

/** Ends the stream from this side and calls again. */
export function hangUp(agent: Agent, message: string, env: Env): void {
  const { session } = agent;
  if (session.phase !== "joined" && session.phase !== "dialling") return;
  agent.perform({ type: "hangUp", dial: session.dial });
  dialFailed(agent, message, env);
}

/** The leader is elsewhere. */
export function dialRedirected(agent: Agent, url: string, env: Env): void {
  const redirects = agent.session.phase === "dialling" ? agent.session.redirects + 1 : 0;
  if (redirects > limits.redirectsMax) dialFailed(agent, "too many redirects", env);
  else dial(agent, url, redirects, env);
}

/** Nothing of the last session counts any more; its unsent messages are made again in the next. */
export function disconnect(agent: Agent): void {
  for (const id of connectionDeadlines) agent.deadlines.delete(id);
  for (const task of agent.active.values()) {
    task.resendDelayMs = 0;
    setTaskDeadline(agent, "resend", task, undefined);
  }
}

/** What the agent says of itself when it calls. */
function helloOf(agent: Agent): AgentHello {
  const { config, record } = agent;
  const tasks: Task[] = [];
  const frameworks = new Map<string, FrameworkInfo>();
  for (const task of agent.active.values()) {
    const message = taskMessageOf(task.record, task.run);
    if (message === undefined) continue;
    tasks.push(message);
    const framework = agent.frameworks.get(task.record.frameworkId);
    if (framework !== undefined) frameworks.set(framework.frameworkId, framework.info);
  }
  return {
    versionMin: nodeVersions.min,
    versionMax: nodeVersions.max,
    capabilities: agentCapabilities,
    bootId: config.bootId,
    agent:
      record.agentId === undefined
        ? config.info
        : { ...config.info, id: { value: record.agentId } },
    release: config.release,
    epochSeen: record.epochSeen,
    tasks,
    frameworks: [...frameworks.values()],
  };
}
