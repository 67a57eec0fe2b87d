import { benchTask } from "./bench-task.ts";
import { CoreWorld } from "./core-world.ts";

/** What a master's memory is measured with. */
export interface MemorySize {
  readonly agents: number;
  /** Tasks at which it is measured, ascending. */
  readonly tasks: readonly number[];
  /** Whether every task has labels of its own, instead of those of its app. */
  readonly hasOwnLabels: boolean;
}

/** Bytes in use after a collection: `heapUsed` and `external`. */
export interface MemoryTaken {
  readonly none: number;
  readonly withAgents: number;
  /** In the order of `tasks`. */
  readonly withTasks: readonly number[];
}

/** What a master's core keeps of agents and of running tasks that were acknowledged. */
export function masterMemory({ agents, tasks, hasOwnLabels }: MemorySize): MemoryTaken {
  const world = new CoreWorld({ isWire: true });
  world.makeAgents(agents);
  const none = usedBytes();
  world.register();
  const withAgents = usedBytes();
  let wanted = 0;
  let launched = 0;
  const perOffer = 10;
  const onAgent = new Map<string, number>();
  world.subscribe((offer) => {
    const agentId = offer.agent_id.value;
    const before = onAgent.get(agentId) ?? 0;
    const count = Math.min(perOffer, wanted - launched);
    onAgent.set(agentId, before + count);
    return Array.from({ length: count }, (_, i) =>
      benchTask(launched++, offer.agent_id, { port: 20_000 + before + i, hasOwnLabels }),
    );
  });
  const withTasks = tasks.map((count) => {
    wanted = count;
    world.revive();
    world.run(() => world.acknowledged === count);
    world.run(() => false);
    if (world.acknowledged !== count) throw new Error("not all tasks run");
    return usedBytes();
  });
  if (world.master.view.agents.size !== agents) throw new Error("not all agents are there");
  return { none, withAgents, withTasks };
}

function usedBytes(): number {
  if (globalThis.gc === undefined) throw new Error("node was not started with --expose-gc");
  globalThis.gc();
  globalThis.gc();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
