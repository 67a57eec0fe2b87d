import type { AgentId } from "@tutti/ids";
import type { MasterView } from "@tutti/master/core";
import { demand } from "../violation.ts";
import type { Judged } from "./checker.ts";

/** What was seen of one leadership at its step before. */
interface Seen {
  version: number;
  /** Launches that were under way to each machine that is out of use. */
  readonly launches: Map<AgentId, ReadonlySet<string>>;
  readonly drained: Set<AgentId>;
  /** The agents in use, in their places among all: one that is the same object in the same place was seen. */
  readonly inUse: (object | undefined)[];
}

/**
 * After every step of a master: of a machine that is out of use nothing is offered and nothing new is launched on it; one
 * that becomes drained has no task, in the books or in truth. Rule SIM17.
 */
export function watchDrains({ cluster, truth }: Judged): void {
  const leaderships = new WeakMap<MasterView, Seen>();
  cluster.addObserver(
    (observation) => {
      if (observation.type !== "masterStepped") return;
      const { view } = observation;
      const seen = leaderships.get(view) ?? {
        version: -1,
        launches: new Map(),
        drained: new Set(),
        inUse: [],
      };
      if (seen.version === view.version) return;
      seen.version = view.version;
      leaderships.set(view, seen);
      let at = -1;
      for (const agent of view.agents.values()) {
        at += 1;
        if (seen.inUse[at] === agent) continue;
        const { id, record } = agent;
        const isInUse = record.deactivated !== true && record.drain?.state !== "DRAINED";
        seen.inUse[at] = isInUse ? agent : undefined;
        if (record.deactivated === true) demandUntouched(view, id, seen);
        else if (seen.launches.size > 0) seen.launches.delete(id);
        if (record.drain?.state !== "DRAINED") {
          if (seen.drained.size > 0) seen.drained.delete(id);
        } else if (!seen.drained.has(id)) {
          seen.drained.add(id);
          demand(!view.taskKeysByAgent.has(id), "SIM17", () => `${id} is drained and has tasks`);
          for (const { taskId } of truth.runningOn(record.info.hostname)) {
            demand(
              false,
              "SIM17",
              () => `${id} is drained, and ${cluster.nameOf(taskId)} runs there`,
            );
          }
        }
      }
    },
    ["masterStepped"],
  );
}

function demandUntouched(view: MasterView, id: AgentId, { launches }: Seen): void {
  const offers = view.offersByAgent.get(id)?.size ?? 0;
  demand(offers === 0, "SIM17", () => `${id} is out of use, and ${String(offers)} offers are open`);
  const now = new Set<string>();
  for (const [frameworkId, taskIds] of view.taskKeysByAgent.get(id) ?? []) {
    const active = view.tasks.get(frameworkId)?.active;
    for (const taskId of taskIds) if (active?.get(taskId)?.launch !== undefined) now.add(taskId);
  }
  const before = launches.get(id);
  for (const taskId of before === undefined ? [] : now) {
    demand(
      before?.has(taskId) === true,
      "SIM17",
      () => `${taskId} is launched on ${id}, out of use`,
    );
  }
  launches.set(id, now);
}
