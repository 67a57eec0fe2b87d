import { done, type CliRefusal, type Outcome } from "./refusal.ts";
import { readAgent } from "./agents.ts";
import { type NamedNode, removedNode } from "./find-node.ts";
import type { Session } from "./session.ts";

/** Sends the master an operator's call about a machine; what it refuses is told with the machine's name. */
export async function callAboutNode(
  session: Session,
  { id, name }: NamedNode,
  call: object,
): Promise<Outcome> {
  const answer = await session.master.call({ method: "POST", path: "/api/v1", json: call });
  if (answer.ok) return done;
  if (answer.error.message === "Unknown agent") {
    const known = await readAgent(session, id);
    if (known.ok && known.value.isGone) return removedNode(name);
  }
  return { ok: false, error: inWords(answer.error, id, name) };
}

function inWords(refusal: CliRefusal, id: string, name: string): CliRefusal {
  switch (refusal.message) {
    case "Unknown agent":
      return {
        ...refusal,
        code: "NOT_FOUND",
        message: `The master does not know the agent ${id}.`,
        hint: "See ./tutti node list.",
      };
    case "Agent is not deactivated":
      return {
        ...refusal,
        code: "CONFLICT",
        message: `${name} is in use: it was neither drained nor deactivated.`,
      };
    case "Agent is still in the DRAINING state":
      return {
        ...refusal,
        code: "CONFLICT",
        message: `${name} is still being drained; a drain cannot be taken back.`,
        hint: `Wait for its end with ./tutti node drain ${name}, then reactivate it.`,
      };
    default:
      return refusal;
  }
}
