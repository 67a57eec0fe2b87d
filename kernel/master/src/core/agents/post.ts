import { assertNever } from "@tutti/base";
import type { AgentMessage } from "@tutti/node-v1";
import { authorise } from "../authorise.ts";
import type { Session } from "../entities.ts";
import type { MasterEvent } from "../events.ts";
import type { Turn } from "../turn.ts";
import { addressOf } from "./hello.ts";
import { noteLife } from "./ping.ts";
import { updateStatus } from "./status-update.ts";

type PostEvent = Extract<MasterEvent, { readonly type: "agentPost" }>;

/** Takes an agent's messages: each once, in the order of their numbers. Rule MST15. */
export function takeAgentPost(turn: Turn, event: PostEvent): void {
  const { state } = turn;
  const id = state.sessionAgents.get(event.sessionId);
  const session = id === undefined ? undefined : state.sessions.get(id);
  if (id === undefined || session === undefined) {
    reply(turn, event, "gone");
    return;
  }
  if (!authorise(event.principal, "joinAgent", id).ok) {
    reply(turn, event, "unauthorised");
    return;
  }
  noteLife(turn, id);
  confirmAgent(turn, session);
  noteAcknowledged(turn, session, event.post.acknowledged);
  for (const { seq, message } of event.post.messages) {
    if (seq <= session.seqHandled) continue;
    session.seqHandled = seq;
    takeMessage(turn, session, message);
  }
  reply(turn, event, "accepted");
}

function reply(turn: Turn, event: PostEvent, outcome: "accepted" | "gone" | "unauthorised"): void {
  turn.effects.push({ type: "replyAgentPost", requestId: event.requestId, outcome });
}

/** The agent has its id: another hello without one from this address is another agent. */
function confirmAgent(turn: Turn, session: Session): void {
  if (turn.state.unconfirmedAgents.size === 0) return;
  const agent = turn.state.agents.get(session.agentId);
  if (agent !== undefined) turn.state.unconfirmedAgents.delete(addressOf(agent.record.info));
}

/** Orders up to `acknowledged` are durable at the agent: launches need not be sent again. */
function noteAcknowledged(turn: Turn, session: Session, acknowledged: number): void {
  if (session.drainSeq !== undefined && session.drainSeq <= acknowledged) {
    session.isDrainKnown = true;
    turn.state.drainsToSettle.add(session.agentId);
  }
  for (const [seq, key] of session.unacknowledged) {
    if (seq > acknowledged) return;
    session.unacknowledged.delete(seq);
    const task = turn.state.task(key);
    if (task?.launch === undefined || task.agentId !== session.agentId) continue;
    turn.state.putTask(task.withoutLaunch());
  }
}

function takeMessage(turn: Turn, session: Session, message: AgentMessage): void {
  switch (message.type) {
    case "pong":
      return;
    case "statusUpdate":
      updateStatus(turn, session, message);
      return;
    default:
      assertNever(message);
  }
}
