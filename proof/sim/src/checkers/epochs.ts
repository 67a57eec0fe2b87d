import { demand } from "../violation.ts";
import type { Judged } from "./checker.ts";

/**
 * No order of an old leader is obeyed: no container starts or is killed because of one, and no store
 * takes a write of one. Rule SIM10.
 */
export function watchEpochs({ cluster, truth }: Judged): void {
  /** The highest epoch each agent has obeyed. */
  const obeyed = new Map<string, number>();
  /** Per agent and task, who ordered its launch; a good order is not forgotten for a stale one. */
  const launches = new Map<string, Order>();
  const kills = new Map<string, Order>();
  cluster.addObserver(
    (observation) => {
      if (observation.type === "agentTold") {
        const { node, envelope } = observation;
        const newest = obeyed.get(node) ?? 0;
        const { epoch, message } = envelope;
        if (message.type === "welcome") obeyed.set(node, Math.max(newest, epoch));
        const order = { epoch, isStale: epoch < newest };
        if (message.type === "launchTask") note(launches, node, message.task.task_id.value, order);
        else if (message.type === "killTask") note(kills, node, message.taskId, order);
      } else if (observation.type === "processCrashed") {
        // What it had heard and not yet made durable, it may forget.
        obeyed.delete(observation.node);
      } else if (observation.type === "storeWritten") {
        const { node, epoch, newestEpoch } = observation;
        demand(
          epoch >= newestEpoch,
          "SIM10",
          () => `a store takes a write of ${node} in epoch ${epoch}; the newest is ${newestEpoch}`,
        );
      } else if (observation.type === "containerStarted") {
        const { node, taskId } = observation;
        const order = launches.get(`${node} ${taskId}`);
        const name = cluster.nameOf(taskId);
        demand(
          order?.isStale !== true,
          "SIM10",
          () =>
            `${node} starts ${name} by an order of the fallen leader of epoch ${order?.epoch ?? 0}`,
        );
      } else if (observation.type === "containerSignalled") {
        const { node, taskId, containerId } = observation;
        const order = kills.get(`${node} ${taskId}`);
        // Its own executor may have found it sick at the same time.
        const isSick = (truth.running.get(containerId)?.failedChecksMax ?? 0) > 0;
        const name = cluster.nameOf(taskId);
        demand(
          order?.isStale !== true || isSick,
          "SIM10",
          () =>
            `${node} kills ${name} by an order of the fallen leader of epoch ${order?.epoch ?? 0}`,
        );
      }
    },
    ["agentTold", "processCrashed", "storeWritten", "containerStarted", "containerSignalled"],
  );
}

interface Order {
  readonly epoch: number;
  readonly isStale: boolean;
}

function note(orders: Map<string, Order>, node: string, taskId: string, order: Order): void {
  const key = `${node} ${taskId}`;
  if (orders.get(key)?.isStale !== false) orders.set(key, order);
}
