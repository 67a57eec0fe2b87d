import type { Env } from "@tutti/machine";
import type { MasterMessage } from "@tutti/node-v1";
import type { Agent } from "./agent.ts";
import { disconnect, hangUp } from "./dial.ts";
import { shutdownFramework } from "./shutdown-framework.ts";

/**
 * Not admitted. For ever: the agent calls nobody any more and lets its tasks run, because only an
 * operator's word kills them all; the process ends and says why. With AGENT_GONE the operator has given
 * that word: its tasks are ended first. Else it calls again. Rules AGT2, AGT40.
 */
export function refused(
  agent: Agent,
  message: Extract<MasterMessage, { type: "refused" }>,
  env: Env,
): void {
  const { session } = agent;
  const { code, reason, final } = message;
  if (!final) {
    hangUp(agent, `the master refused the agent: ${reason} (${code})`, env);
    return;
  }
  if (session.phase === "joined" || session.phase === "dialling") {
    agent.perform({ type: "hangUp", dial: session.dial });
  }
  disconnect(agent);
  agent.session = { phase: "over", farewell: { code, reason } };
  agent.log("error", "the master refused the agent for ever", { code, reason });
  if (code !== "AGENT_GONE") {
    giveUp(agent);
    return;
  }
  const frameworks = new Set([...agent.active.values()].map(({ record }) => record.frameworkId));
  for (const frameworkId of frameworks) shutdownFramework(agent, frameworkId, env);
}

/** An agent that is given up ends when no task is left. Rule AGT40. */
export function giveUpIfEmpty(agent: Agent): void {
  if (agent.active.size === 0) giveUp(agent);
}

function giveUp(agent: Agent): void {
  if (agent.session.phase !== "over" || agent.session.farewell === undefined) return;
  const { code, reason } = agent.session.farewell;
  agent.session = { phase: "over" };
  agent.perform({ type: "giveUp", code, reason });
}
