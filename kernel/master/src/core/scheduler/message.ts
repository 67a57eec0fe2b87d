import type { Turn } from "../turn.ts";

/**
 * MESSAGE: delivery was never promised, and there are no executors that could hear it: command tasks
 * have none. Counted as Mesos counts an undeliverable one. Rule MST67.
 */
export function sendMessage(turn: Turn): void {
  turn.state.metrics.count("messages_framework_to_executor");
  turn.state.metrics.count("invalid_framework_to_executor_messages");
}
