import type { StreamId } from "@tutti/ids";
import type { Framework } from "../entities.ts";
import { withdrawOffer } from "../offers/remove-offer.ts";
import { frameworkNews } from "../read/framework-view.ts";
import { tellOperators } from "../send.ts";
import type { Turn } from "../turn.ts";
import { log } from "../turn.ts";
import { failoverTimeoutMsOf } from "./framework-info.ts";
import { removeFramework } from "./remove-framework.ts";
import { forgetStream } from "./streams.ts";

/**
 * A scheduler's stream has ended: its offers go back, and it has its failover timeout to come back.
 * Rule MST33.
 */
export function disconnectScheduler(turn: Turn, streamId: StreamId): void {
  const { state, env } = turn;
  const id = state.streams.get(streamId);
  if (id === undefined) return;
  forgetStream(turn, streamId);
  const framework = state.frameworks.get(id);
  if (framework?.streamId !== streamId) return;
  for (const offer of state.offersOfFramework(id)) withdrawOffer(turn, offer);
  turn.allocator.setFrameworkActive(id, false);
  const { streamId: _stream, ...rest } = state.frameworks.get(id) ?? framework;
  const disconnected: Framework = { ...rest, status: "disconnected" };
  state.putFramework(disconnected);
  const timeoutMs = failoverTimeoutMsOf(framework.info);
  log(turn, {
    what: "frameworkDisconnected",
    frameworkId: id,
    name: framework.info.name,
    failoverTimeoutMs: timeoutMs,
    tasks: state.tasksOf(id).active.size,
  });
  if (timeoutMs === 0) {
    removeFramework(turn, disconnected, "noFailoverTimeout");
    return;
  }
  state.deadlines.failovers.set(id, env.monoMs + timeoutMs);
  tellOperators(turn, () => ({
    type: "FRAMEWORK_UPDATED",
    framework_updated: { framework: frameworkNews(disconnected) },
  }));
}
