import { parseResourcesText } from "@tutti/resources";
import type { ClusterOptions, Observation } from "@tutti/simulator";
import { demand } from "../violation.ts";
import type { Judged } from "./checker.ts";

interface Capacity {
  readonly cpusMilli: number;
  readonly memoryBytes: number;
}

/**
 * Judges the start of every container: never the same task twice (SIM1), never one that Marathon has
 * not made durable before (SIM2), never more than the machine has, no port twice (SIM3).
 */
export function watchContainers(
  { cluster, durable, truth }: Judged,
  options: ClusterOptions,
): void {
  const capacities = options.agents.map(({ resources }) => capacityOf(resources));
  cluster.addObserver(
    (observation: Observation) => {
      if (observation.type !== "containerStarted") return;
      const { node, taskId } = observation;
      const name = cluster.nameOf(taskId);
      demand(
        truth.starts.get(taskId) === 1,
        "SIM1",
        () => `${name} was started twice, now on ${node}`,
      );
      demand(
        durable.tasksEver.has(taskId),
        "SIM2",
        () => `${name} starts on ${node}, but Marathon has no durable record of it`,
      );
      const capacity = capacities[Number(node.slice("agent".length)) - 1];
      if (capacity !== undefined) demandRoom(truth.runningOn(node), node, capacity);
    },
    ["containerStarted"],
  );
}

function demandRoom(
  containers: Iterable<{
    readonly cpusMilli: number;
    readonly memoryBytes: number;
    readonly ports: readonly number[];
  }>,
  node: string,
  capacity: Capacity,
): void {
  let [cpusMilli, memoryBytes] = [0, 0];
  const ports = new Set<number>();
  for (const container of containers) {
    cpusMilli += container.cpusMilli;
    memoryBytes += container.memoryBytes;
    for (const port of container.ports) {
      demand(!ports.has(port), "SIM3", () => `port ${port} is given twice on ${node}`);
      ports.add(port);
    }
  }
  demand(
    cpusMilli <= capacity.cpusMilli && memoryBytes <= capacity.memoryBytes,
    "SIM3",
    () =>
      `${node} has ${capacity.cpusMilli} thousandths of a cpu and ${capacity.memoryBytes} bytes; ` +
      `its containers use ${cpusMilli} and ${memoryBytes}`,
  );
}

function capacityOf(text: string): Capacity {
  const parsed = parseResourcesText(text);
  if (!parsed.ok) return { cpusMilli: 0, memoryBytes: 0 };
  const sum = (name: string): number => Number(parsed.value.scalar(name));
  return { cpusMilli: sum("cpus"), memoryBytes: (sum("mem") / 1000) * 1024 * 1024 };
}
