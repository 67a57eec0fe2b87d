import { nanosecondsOf } from "@tutti/mesos-v1";
import type { MasterResponseGetFrameworksFramework } from "@tutti/mesos-v1";
import { Resources } from "@tutti/resources";
import type { CompletedFramework, Framework } from "../entities.ts";
import type { MasterView } from "../view.ts";
import { isEnded } from "../tasks/task-lifecycle.ts";
import { endpointResources } from "./agent-view.ts";

/** A framework as GET_FRAMEWORKS shows it. */
export function frameworkView(
  view: MasterView,
  framework: Framework,
): MasterResponseGetFrameworksFramework {
  return {
    ...statusOf(framework),
    ...(framework.registeredMs === 0 ? {} : timesOf(framework)),
    offers: view.offersOfFramework(framework.id).map((open) => open.offer),
    allocated_resources: endpointResources(usedBy(view, framework)),
    offered_resources: endpointResources(offeredTo(view, framework)),
    offer_constraints: framework.offerConstraints ?? {},
  };
}

/** A framework as FRAMEWORK_ADDED and FRAMEWORK_UPDATED tell of it: without what it holds. */
export function frameworkNews(framework: Framework): MasterResponseGetFrameworksFramework {
  return {
    ...statusOf(framework),
    ...timesOf(framework),
    unregistered_time: { nanoseconds: 0 },
  };
}

function statusOf(framework: Framework): MasterResponseGetFrameworksFramework {
  const isActive = framework.status === "active";
  return {
    framework_info: framework.info,
    active: isActive,
    connected: isActive,
    recovered: framework.status === "recovered",
  };
}

function timesOf(
  framework: Framework,
): Pick<MasterResponseGetFrameworksFramework, "registered_time" | "reregistered_time"> {
  return {
    registered_time: { nanoseconds: nanosecondsOf(framework.registeredMs) },
    reregistered_time: {
      nanoseconds: nanosecondsOf(framework.reregisteredMs ?? framework.registeredMs),
    },
  };
}

/** A framework that has ended. */
export function completedFrameworkView({
  framework,
  unregisteredMs,
}: CompletedFramework): MasterResponseGetFrameworksFramework {
  return {
    framework_info: framework.info,
    active: false,
    connected: false,
    recovered: false,
    ...timesOf(framework),
    unregistered_time: { nanoseconds: nanosecondsOf(unregisteredMs) },
    offer_constraints: framework.offerConstraints ?? {},
  };
}

/** All that a framework's tasks hold: the kept sum of scalars, and the ranges and sets of all agents. */
export function usedBy(view: MasterView, framework: Framework): Resources {
  const rest: Resources[] = [framework.used];
  for (const task of view.tasks.get(framework.id)?.active.values() ?? []) {
    if (!isEnded(task)) rest.push(withoutScalars(task.resources));
  }
  return Resources.sum(rest);
}

/** All that is offered to a framework. */
export function offeredTo(view: MasterView, framework: Framework): Resources {
  const offers = view.offersOfFramework(framework.id);
  return Resources.sum([
    framework.offered,
    ...offers.map((open) => withoutScalars(open.resources)),
  ]);
}

function withoutScalars(resources: Resources): Resources {
  return resources.filter((head) => head.type !== "SCALAR");
}
