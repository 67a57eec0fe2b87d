import type { Turn } from "../turn.ts";
import { log } from "../turn.ts";

/** One agent of the registry is back, or was given up; the last of them ends the recovery. Rule MST25. */
export function settleRecovery(turn: Turn, outcome: "returned" | "unreachable"): void {
  const { state } = turn;
  state.recovery[outcome] += 1;
  if (state.recoveredAgents.size > 0) return;
  let tasks = 0;
  for (const { active } of state.tasks.values()) tasks += active.size;
  log(turn, {
    what: "recoveryEnded",
    agentsReturned: state.recovery.returned,
    agentsUnreachable: state.recovery.unreachable,
    frameworks: state.frameworks.size,
    tasks,
  });
}
