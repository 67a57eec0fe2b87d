import { assertNever } from "@tutti/base";
import type { Env } from "@tutti/machine";
import type { MasterEnvelope, MasterMessage } from "@tutti/node-v1";
import { acknowledgeUpdate } from "./acknowledge-update.ts";
import { inMs } from "./agent.ts";
import type { Agent } from "./agent.ts";
import { drainAgent } from "./drain-agent.ts";
import { hangUp } from "./dial.ts";
import { killTask } from "./kill-task.ts";
import { launchTask, setFramework } from "./launch-task.ts";
import { limits } from "./limits.ts";
import { refused } from "./refused.ts";
import { enqueue } from "./session.ts";
import type { Joined } from "./session.ts";
import { shutdownFramework } from "./shutdown-framework.ts";
import { resendUpdates } from "./update-task.ts";
import { welcome } from "./welcome.ts";

/** Handles a message of the stream once and in its order; nothing of a fallen leader. Rule AGT3. */
export function masterMessage(agent: Agent, envelope: MasterEnvelope, env: Env): void {
  const { session } = agent;
  if (session.phase !== "dialling" && session.phase !== "joined") return;
  const { epoch, seq, message } = envelope;
  if (epoch < agent.record.epochSeen) {
    const text = `orders of epoch ${epoch} are refused: ${agent.record.epochSeen} was seen`;
    hangUp(agent, text, env);
    return;
  }
  if (seq <= session.received) return;
  if (seq !== session.received + 1) {
    hangUp(agent, `message ${seq} came after ${session.received}`, env);
    return;
  }
  if (epoch > agent.record.epochSeen) agent.changeRecord({ epochSeen: epoch });
  session.received = seq;
  if (session.phase === "joined") handleJoined(agent, session, message, env);
  else handleFirst(agent, message, env);
}

function handleFirst(agent: Agent, message: MasterMessage, env: Env): void {
  if (message.type === "welcome") welcome(agent, message, env);
  else if (message.type === "refused") refused(agent, message, env);
  else hangUp(agent, `the master began with '${message.type}'`, env);
}

function handleJoined(agent: Agent, session: Joined, message: MasterMessage, env: Env): void {
  agent.deadlines.set("ping", inMs(session.pingTimeoutMs, env));
  if (agent.deadlines.deadlineOf("acknowledge") === undefined) {
    agent.deadlines.set("acknowledge", inMs(limits.acknowledgeDelayMs, env));
  }
  switch (message.type) {
    case "ping":
      pong(session);
      return;
    case "launchTask":
      launchTask(agent, message, env);
      return;
    case "killTask":
      killTask(agent, message, env);
      return;
    case "drainAgent":
      drainAgent(agent, message, env);
      return;
    case "acknowledgeStatus":
      acknowledgeUpdate(agent, message, env);
      return;
    case "shutdownFramework":
      shutdownFramework(agent, message.frameworkId, env);
      return;
    case "updateFramework": {
      const frameworkId = message.framework.id?.value ?? "";
      if (!agent.frameworks.has(frameworkId)) return;
      setFramework(agent, frameworkId, message.framework);
      resendUpdates(agent, frameworkId, env);
      return;
    }
    case "refused":
      refused(agent, message, env);
      return;
    case "welcome":
      hangUp(agent, "the master said welcome twice", env);
      return;
    default:
      assertNever(message);
  }
}

/** One answer is enough for all pings that wait. */
function pong(session: Joined): void {
  if (session.outbox.at(-1)?.message.type !== "pong") enqueue(session, { type: "pong" });
}
