import type { Env } from "@tutti/machine";
import type { MasterMessage } from "@tutti/node-v1";
import type { Agent } from "./agent.ts";
import { disconnect, hangUp } from "./dial.ts";

/**
 * Not admitted. For ever: the agent calls nobody any more and lets its tasks run, because only an
 * operator's word kills them all; the process ends and says why. Else it calls again. Rule AGT2.
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
  agent.session = { phase: "over" };
  agent.log("error", "the master refused the agent for ever", { code, reason });
  agent.perform({ type: "giveUp", code, reason });
}
