import type { AgentId, FrameworkId } from "@tutti/ids";
import type { Resources } from "@tutti/resources";
import type { Turn } from "./turn.ts";

/** Which sum of an agent and of a framework changes. */
export type ChargedSum = "used" | "offered";

/** Whose sums change. */
export interface ChargeOwner {
  readonly agentId: AgentId;
  readonly frameworkId: FrameworkId;
}

/** Adds to a sum of the agent and the framework; either may be away. The allocator is told by the caller. */
export function addCharge(
  turn: Turn,
  sum: ChargedSum,
  owner: ChargeOwner,
  resources: Resources,
): void {
  change(turn, sum, owner, (old, isScalarsOnly) =>
    old.add(isScalarsOnly ? resources.scalars() : resources),
  );
}

/** Takes from a sum of the agent and the framework; either may be away. */
export function subtractCharge(
  turn: Turn,
  sum: ChargedSum,
  owner: ChargeOwner,
  resources: Resources,
): void {
  change(turn, sum, owner, (old) => old.subtract(resources));
}

function change(
  turn: Turn,
  sum: ChargedSum,
  owner: ChargeOwner,
  next: (old: Resources, isScalarsOnly: boolean) => Resources,
): void {
  const agent = turn.state.agents.get(owner.agentId);
  if (agent !== undefined) turn.state.putAgent({ ...agent, [sum]: next(agent[sum], false) });
  const framework = turn.state.frameworks.get(owner.frameworkId);
  if (framework !== undefined) {
    turn.state.putFramework({ ...framework, [sum]: next(framework[sum], true) });
  }
}
