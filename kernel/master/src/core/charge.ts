import type { AgentId, FrameworkId } from "@tutti/ids";
import { Resources } from "@tutti/resources";
import type { Agent } from "./entities.ts";
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

/**
 * Offers become tasks: in one change of the agent and one of the framework, what was offered goes out of one
 * sum and what is used into the other.
 */
export function moveCharge(
  turn: Turn,
  owner: ChargeOwner,
  { offered, used }: Readonly<Record<ChargedSum, Resources>>,
): void {
  const agent = turn.state.agents.get(owner.agentId);
  if (agent !== undefined) {
    turn.state.putAgent({
      ...agent,
      offered: agent.offered.subtract(offered),
      used: agent.used.add(used),
    });
  }
  const framework = turn.state.frameworks.get(owner.frameworkId);
  if (framework !== undefined) {
    turn.state.putFramework({
      ...framework,
      offered: framework.offered.subtract(offered),
      used: framework.used.add(used.scalars()),
    });
  }
}

/** Adds to what a framework is offered; of each agent it was counted before. */
export function addOfferedTo(
  turn: Turn,
  frameworkId: FrameworkId,
  resources: readonly Resources[],
): void {
  const framework = turn.state.frameworks.get(frameworkId);
  if (framework === undefined) return;
  const sum = Resources.sum(resources.map((each) => each.scalars()));
  turn.state.putFramework({ ...framework, offered: framework.offered.add(sum) });
}

/** Adds to what an agent's frameworks are offered of it. */
export function addOfferedOf(turn: Turn, agent: Agent, resources: Resources): void {
  turn.state.putAgent({ ...agent, offered: agent.offered.add(resources) });
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
