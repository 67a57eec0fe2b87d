import { known, parseStreamId } from "@tutti/ids";
import type { StreamId } from "@tutti/ids";
import type { Framework } from "../entities.ts";
import { limits } from "../limits.ts";
import { sendToFramework } from "../send.ts";
import type { Turn } from "../turn.ts";

/** A fresh `Mesos-Stream-Id`. */
export function newStreamId(turn: Turn): StreamId {
  return known(parseStreamId(turn.env.random.uuid()));
}

/** Binds a stream to its framework and begins its heartbeats: the first at once. */
export function bindStream(turn: Turn, framework: Framework, streamId: StreamId): void {
  turn.state.streams.set(streamId, framework.id);
  beatScheduler(turn, streamId);
}

/** Sends a heartbeat and plans the next. */
export function beatScheduler(turn: Turn, streamId: StreamId): void {
  const { state, env } = turn;
  const id = state.streams.get(streamId);
  const framework = id === undefined ? undefined : state.frameworks.get(id);
  if (framework?.streamId !== streamId) return;
  sendToFramework(turn, framework, { type: "HEARTBEAT" });
  state.deadlines.schedulerHeartbeats.set(streamId, env.monoMs + limits.heartbeatIntervalMs);
}

/** Ends a framework's stream, if it has one. */
export function closeStream(turn: Turn, framework: Framework): void {
  if (framework.streamId === undefined) return;
  forgetStream(turn, framework.streamId);
  turn.effects.push({ type: "closeSchedulerStream", streamId: framework.streamId });
}

/** Takes a stream off the books. */
export function forgetStream(turn: Turn, streamId: StreamId): void {
  turn.state.streams.delete(streamId);
  turn.state.deadlines.schedulerHeartbeats.delete(streamId);
}
