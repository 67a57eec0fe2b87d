import { pingAgent } from "./agents/ping.ts";
import { removeDueAgents } from "./agents/unreachable.ts";
import { beatScheduler } from "./frameworks/streams.ts";
import { removeFramework } from "./frameworks/remove-framework.ts";
import { allocateOffers } from "./offers/allocate.ts";
import { rescindOffer } from "./offers/remove-offer.ts";
import { beatOperator } from "./operator/subscribers.ts";
import type { Turn } from "./turn.ts";

/** Does everything that is due. */
export function wakeUp(turn: Turn): void {
  const { state, env } = turn;
  const { deadlines } = state;
  const now = env.monoMs;
  for (const id of deadlines.pings.takeDue(now)) pingAgent(turn, id);
  for (const id of deadlines.recoveries.takeDue(now)) state.removals.add(id);
  removeDueAgents(turn);
  for (const id of deadlines.failovers.takeDue(now)) {
    const framework = state.frameworks.get(id);
    if (framework === undefined || framework.status === "active") continue;
    removeFramework(turn, framework, "failoverTimeout");
  }
  for (const id of deadlines.offers.takeDue(now)) {
    const offer = state.offers.get(id);
    if (offer !== undefined) rescindOffer(turn, offer);
  }
  for (const id of deadlines.schedulerHeartbeats.takeDue(now)) beatScheduler(turn, id);
  for (const id of deadlines.operatorHeartbeats.takeDue(now)) beatOperator(turn, id);
  const filterMs = turn.allocator.nextDeadlineMonoMs();
  const isFilterDue = filterMs !== undefined && filterMs <= now;
  const isAllocationDue =
    deadlines.allocationMonoMs !== undefined && deadlines.allocationMonoMs <= now;
  if (isAllocationDue || isFilterDue) allocateOffers(turn);
}

/** The earliest of all deadlines. */
export function nextWakeMonoMs(turn: Turn): number | undefined {
  const { deadlines, removals } = turn.state;
  const candidates = [
    deadlines.pings.next(),
    deadlines.recoveries.next(),
    deadlines.failovers.next(),
    deadlines.offers.next(),
    deadlines.schedulerHeartbeats.next(),
    deadlines.operatorHeartbeats.next(),
    deadlines.allocationMonoMs,
    turn.allocator.nextDeadlineMonoMs(),
    removals.size > 0 ? deadlines.removalMonoMs : undefined,
  ];
  let earliest: number | undefined;
  for (const candidate of candidates) {
    if (candidate === undefined) continue;
    if (earliest === undefined || candidate < earliest) earliest = candidate;
  }
  return earliest;
}
