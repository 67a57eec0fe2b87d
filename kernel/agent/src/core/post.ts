import type { Env } from "@tutti/machine";
import { inMs } from "./agent.ts";
import type { Agent } from "./agent.ts";
import { nextDelayMs } from "./backoff.ts";
import { hangUp } from "./dial.ts";
import type { AgentEvent } from "./events.ts";
import { limits } from "./limits.ts";
import type { Joined } from "./session.ts";

/** Posts what waits, when no post is under way and no failed one waits for its turn. Rule AGT7. */
export function flush(agent: Agent): void {
  const { session } = agent;
  if (session.phase !== "joined" || session.post !== undefined) return;
  if (agent.deadlines.has("post") || session.outbox.length === 0) return;
  post(agent, session);
}

/** The acknowledgement has waited long enough for company. */
export function acknowledge(agent: Agent): void {
  const { session } = agent;
  if (session.phase !== "joined" || session.post !== undefined) return;
  if (session.acknowledged < session.received && !agent.deadlines.has("post")) post(agent, session);
}

/** The pause after a failed post is over. */
export function repost(agent: Agent): void {
  const { session } = agent;
  if (session.phase === "joined" && session.post === undefined) post(agent, session);
}

export function postAnswered(
  agent: Agent,
  event: Extract<AgentEvent, { type: "postAnswered" }>,
  env: Env,
): void {
  const session = sessionOf(agent, event);
  if (session?.post === undefined) return;
  const { status } = event;
  if (status >= 200 && status < 300) {
    const { upTo, acknowledges } = session.post;
    const carried = session.outbox.findIndex(({ seq }) => seq > upTo);
    session.outbox.splice(0, carried < 0 ? session.outbox.length : carried);
    session.acknowledged = Math.max(session.acknowledged, acknowledges);
    session.post = undefined;
    session.postDelayMs = 0;
    if (session.acknowledged < session.received && !agent.deadlines.has("acknowledge")) {
      agent.deadlines.set("acknowledge", inMs(limits.acknowledgeDelayMs, env));
    }
    return;
  }
  if (status >= 500) retry(agent, session, env);
  else hangUp(agent, `the master answered a post with ${status}`, env);
}

export function postFailed(
  agent: Agent,
  event: Extract<AgentEvent, { type: "postFailed" }>,
  env: Env,
): void {
  const session = sessionOf(agent, event);
  if (session?.post === undefined) return;
  agent.log("debug", "a post to the master failed", { message: event.message });
  retry(agent, session, env);
}

function sessionOf(
  agent: Agent,
  event: { readonly dial: number; readonly post: number },
): Joined | undefined {
  const { session } = agent;
  if (session.phase !== "joined" || session.dial !== event.dial) return undefined;
  return session.post?.post === event.post ? session : undefined;
}

function retry(agent: Agent, session: Joined, env: Env): void {
  session.post = undefined;
  session.postDelayMs = nextDelayMs(session.postDelayMs, {
    min: limits.postDelayMsMin,
    max: limits.postDelayMsMax,
  });
  agent.deadlines.set("post", inMs(session.postDelayMs, env));
}

function post(agent: Agent, session: Joined): void {
  agent.posts += 1;
  const messages = session.outbox.slice(0, limits.postMessagesMax);
  const upTo = messages.at(-1)?.seq ?? 0;
  session.post = { post: agent.posts, upTo, acknowledges: session.received };
  agent.deadlines.delete("acknowledge");
  const { dial, url, sessionId, received } = session;
  const body = { acknowledged: received, messages };
  agent.perform({ type: "post", dial, post: agent.posts, url, sessionId, body });
}
