import type { AgentId } from "@tutti/ids";
import { sendToAgent } from "../send.ts";
import type { Turn } from "../turn.ts";

const nanosecondsPerMs = 1_000_000n;

/**
 * Orders a draining agent, if it is connected, to kill all its tasks. Sent in each of its sessions before anything
 * else, also to one that is drained: a task that was killed then may come back with it. Rule MST114.
 */
export function sendDrain(turn: Turn, id: AgentId): void {
  const { state } = turn;
  const drain = state.agents.get(id)?.record.drain;
  const session = state.sessions.get(id);
  if (drain === undefined || session === undefined) return;
  const graceMs =
    drain.maxGraceNanoseconds === undefined
      ? undefined
      : Math.max(0, Number(BigInt(drain.maxGraceNanoseconds) / nanosecondsPerMs));
  session.isDrainKnown = false;
  session.drainSeq = sendToAgent(turn, session, {
    type: "drainAgent",
    markGone: drain.markGone,
    ...(graceMs === undefined ? {} : { maxGraceMs: graceMs }),
  });
}
