import { nodeVersions } from "@tutti/node-v1";
import type { Env } from "@tutti/machine";
import type { MasterMessage } from "@tutti/node-v1";
import { inMs } from "./agent.ts";
import type { Agent } from "./agent.ts";
import { hangUp } from "./dial.ts";
import { sendUpdate } from "./update-task.ts";

/** Admitted: keeps the id for ever and sends at once what nobody has acknowledged. Rules AGT1, AGT7. */
export function welcome(
  agent: Agent,
  message: Extract<MasterMessage, { type: "welcome" }>,
  env: Env,
): void {
  const { session } = agent;
  if (session.phase !== "dialling") return;
  const reason = reasonToDecline(agent, message);
  if (reason !== undefined) {
    agent.log("error", "the master's welcome was declined", { reason });
    hangUp(agent, reason, env);
    return;
  }
  const { agentId, clusterId } = message;
  if (agent.record.agentId !== agentId || agent.record.clusterId !== clusterId) {
    agent.changeRecord({ agentId, clusterId });
  }
  const { dial, url, received } = session;
  const { sessionId, pingTimeoutMs } = message;
  agent.session = {
    phase: "joined",
    dial,
    url,
    sessionId,
    pingTimeoutMs,
    received,
    acknowledged: 0,
    outbox: [],
    sent: 0,
    post: undefined,
    postDelayMs: 0,
  };
  agent.dialDelayMs = 0;
  agent.deadlines.delete("welcome");
  agent.deadlines.set("ping", inMs(pingTimeoutMs, env));
  agent.log("info", "the master admitted the agent", { url, agentId, sessionId });
  for (const task of agent.active.values()) sendUpdate(agent, task, env);
}

/** Why an agent with tasks must not become another one. */
function reasonToDecline(
  agent: Agent,
  message: Extract<MasterMessage, { type: "welcome" }>,
): string | undefined {
  const { version, agentId, clusterId } = message;
  if (version < nodeVersions.min || version > nodeVersions.max) {
    return `the master speaks version ${version}, the agent ${nodeVersions.min} to ${nodeVersions.max}`;
  }
  if (agent.active.size === 0) return undefined;
  const known = agent.record;
  if (known.clusterId !== undefined && known.clusterId !== clusterId) {
    return `the agent's tasks belong to cluster ${known.clusterId}, the master to ${clusterId}`;
  }
  if (known.agentId !== undefined && known.agentId !== agentId) {
    return `the agent's tasks belong to agent ${known.agentId}, the master calls it ${agentId}`;
  }
  return undefined;
}
