import { demand } from "../violation.ts";
import type { Watched } from "./checker.ts";

/**
 * No order of an old leader is obeyed: no container starts because of one, and no store takes a write
 * of one. Rule SIM10.
 */
export function watchEpochs({ cluster }: Watched): void {
  /** The highest epoch each agent has obeyed. */
  const obeyed = new Map<string, number>();
  /** Per agent and task, the newest epoch that ordered its launch, and whether it was stale. */
  const ordered = new Map<string, { readonly epoch: number; readonly isStale: boolean }>();
  cluster.addObserver((observation) => {
    if (observation.type === "agentTold") {
      const { node, envelope } = observation;
      const newest = obeyed.get(node) ?? 0;
      const { epoch, message } = envelope;
      if (message.type === "welcome") obeyed.set(node, Math.max(newest, epoch));
      if (message.type !== "launchTask") return;
      const key = `${node} ${message.task.task_id.value}`;
      const isStale = epoch < newest;
      if (ordered.get(key)?.isStale !== false) ordered.set(key, { epoch, isStale });
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
      const order = ordered.get(`${node} ${taskId}`);
      const name = cluster.narrator.nameOf(taskId);
      demand(
        order?.isStale !== true,
        "SIM10",
        () =>
          `${node} starts ${name} by an order of the fallen leader of epoch ${order?.epoch ?? 0}`,
      );
    }
  });
}
