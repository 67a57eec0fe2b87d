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
  if (agent !== undefined) turn.state.putAgent(withSum(agent, sum, next(agent[sum], false)));
  const framework = turn.state.frameworks.get(owner.frameworkId);
  if (framework !== undefined) {
    turn.state.putFramework(withSum(framework, sum, next(framework[sum], true)));
  }
}

/** Two literals rather than a computed name: this runs several times for each task. */
function withSum<Owner extends Record<ChargedSum, Resources>>(
  owner: Owner,
  sum: ChargedSum,
  value: Resources,
): Owner {
  return sum === "used" ? { ...owner, used: value } : { ...owner, offered: value };
}
