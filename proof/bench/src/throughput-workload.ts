import { benchTask } from "./bench-task.ts";
import { jsonMediaType, protobufMediaType } from "@tutti/mesos-v1";
import { codecWire, noWire } from "./core-wire.ts";
import { CoreWorld } from "./core-world.ts";
import { timed, type Taken } from "./medians.ts";

/** What is launched. */
export interface ThroughputSize {
  readonly agents: number;
  readonly tasks: number;
  /** Tasks of one ACCEPT. */
  readonly tasksPerAccept: number;
  /** Tasks launched before the time is taken, so that the code is compiled, as in a master that has run for a while. */
  readonly warmUpTasks: number;
  /** How the scheduler speaks; left out, nothing goes through any codec. */
  readonly codec?: keyof typeof mediaTypes;
  /** Launch `tasks` again and again until so many seconds have gone by; 0: once. */
  readonly seconds?: number;
}

/** What was launched, and what it took. */
export interface Launched extends Taken {
  readonly tasks: number;
}

const mediaTypes = { json: jsonMediaType, protobuf: protobufMediaType } as const;

/**
 * Launches tasks through the master's core, from the scheduler's wish to the last acknowledgement at an agent: offers,
 * ACCEPT with LAUNCH, the launch to the agent, its TASK_RUNNING, ACKNOWLEDGE, and that back to the agent.
 */
export function launchThroughput(size: ThroughputSize): Launched {
  const wire = size.codec === undefined ? noWire : codecWire(mediaTypes[size.codec]);
  const world = new CoreWorld({ wire });
  world.makeAgents(size.agents);
  world.register();
  let wanted = size.warmUpTasks;
  let launched = 0;
  const onAgent = new Map<string, number>();
  world.subscribe((offer) => {
    const agentId = offer.agent_id.value;
    const before = onAgent.get(agentId) ?? 0;
    const count = Math.min(size.tasksPerAccept, wanted - launched);
    onAgent.set(agentId, before + count);
    return Array.from({ length: count }, (_, i) =>
      benchTask(launched++, offer.agent_id, { port: 20_000 + before + i }),
    );
  });
  world.run(() => world.acknowledged === wanted);
  let tasks = 0;
  const taken = timed(() => {
    const startMs = performance.now();
    do {
      tasks += size.tasks;
      wanted += size.tasks;
      world.revive();
      world.run(() => world.acknowledged === wanted);
      if (world.acknowledged !== wanted) throw new Error("not all tasks run");
    } while (performance.now() - startMs < (size.seconds ?? 0) * 1000);
  });
  return { ...taken, tasks };
}
