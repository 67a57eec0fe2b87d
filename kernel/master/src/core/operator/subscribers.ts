import { limits } from "../limits.ts";
import { getState } from "../read/operator-views.ts";
import type { Turn } from "../turn.ts";

/** A new operator stream: the whole state, a heartbeat, then every event. Rule MST72. */
export function subscribeOperator(turn: Turn, subscriberId: string): void {
  const { state } = turn;
  const [oldest] = state.operatorSubscribers;
  if (state.operatorSubscribers.size >= limits.operatorSubscribersMax && oldest !== undefined) {
    unsubscribeOperator(turn, oldest);
    turn.effects.push({ type: "closeOperatorStream", subscriberId: oldest });
  }
  state.operatorSubscribers.add(subscriberId);
  turn.effects.push({
    type: "sendOperatorEvent",
    subscriberId,
    event: {
      type: "SUBSCRIBED",
      subscribed: {
        get_state: getState(state),
        heartbeat_interval_seconds: limits.heartbeatIntervalMs / 1000,
      },
    },
  });
  beatOperator(turn, subscriberId);
}

/** Sends a heartbeat and plans the next. */
export function beatOperator(turn: Turn, subscriberId: string): void {
  const { state, env } = turn;
  if (!state.operatorSubscribers.has(subscriberId)) return;
  turn.effects.push({ type: "sendOperatorEvent", subscriberId, event: { type: "HEARTBEAT" } });
  state.deadlines.operatorHeartbeats.set(subscriberId, env.monoMs + limits.heartbeatIntervalMs);
}

/** A stream has ended. */
export function unsubscribeOperator(turn: Turn, subscriberId: string): void {
  turn.state.operatorSubscribers.delete(subscriberId);
  turn.state.deadlines.operatorHeartbeats.delete(subscriberId);
}
