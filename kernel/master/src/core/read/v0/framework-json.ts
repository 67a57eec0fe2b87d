import { Resources } from "@tutti/resources";
import type { CompletedFramework, Framework, FrameworkTasks, OpenOffer } from "../../entities.ts";
import type { MasterView } from "../../view.ts";
import { offeredTo, usedBy } from "../framework-view.ts";
import type { Json } from "./resource-model.ts";
import { resourceModel } from "./resource-model.ts";
import { taskJson } from "./task-json.ts";

/** A framework as `/state` and `/frameworks` show it. */
export function frameworkJson(view: MasterView, framework: Framework): Json {
  return whole(framework, {
    used: usedBy(view, framework),
    offered: offeredTo(view, framework),
    tasks: view.tasks.get(framework.id),
    offers: view.offersOfFramework(framework.id),
    unregisteredMs: 0,
  });
}

/** A framework that has ended. */
export function completedFrameworkJson(completed: CompletedFramework): Json {
  return whole(completed.framework, {
    used: Resources.empty,
    offered: Resources.empty,
    tasks: completed.tasks,
    offers: [],
    unregisteredMs: completed.unregisteredMs,
  });
}

/** What `/state-summary` also has. */
export function frameworkHead(
  framework: Framework,
  sums: { readonly used: Resources; readonly offered: Resources },
): Json {
  const isActive = framework.status === "active";
  return {
    id: framework.id,
    name: framework.info.name,
    ...(framework.pid === undefined ? {} : { pid: framework.pid }),
    used_resources: resourceModel(sums.used),
    offered_resources: resourceModel(sums.offered),
    capabilities: [...framework.capabilities],
    hostname: framework.info.hostname ?? "",
    webui_url: framework.info.webui_url ?? "",
    active: isActive,
    connected: isActive,
    recovered: framework.status === "recovered",
  };
}

interface Parts {
  readonly used: Resources;
  readonly offered: Resources;
  readonly tasks: FrameworkTasks | undefined;
  readonly offers: readonly OpenOffer[];
  readonly unregisteredMs: number;
}

function whole(framework: Framework, parts: Parts): Json {
  const { info } = framework;
  const { tasks } = parts;
  return {
    ...frameworkHead(framework, parts),
    user: info.user,
    failover_timeout: info.failover_timeout ?? 0,
    checkpoint: info.checkpoint ?? false,
    registered_time: framework.registeredMs / 1000,
    unregistered_time: parts.unregisteredMs / 1000,
    ...(info.principal === undefined ? {} : { principal: info.principal }),
    resources: resourceModel(parts.used.add(parts.offered)),
    ...(framework.reregisteredMs === undefined
      ? {}
      : { reregistered_time: framework.reregisteredMs / 1000 }),
    ...(framework.capabilities.has("MULTI_ROLE")
      ? { roles: framework.roles }
      : { role: framework.roles[0] ?? "*" }),
    tasks: [...(tasks?.active.values() ?? [])].map((task) => taskJson(task.task)),
    unreachable_tasks: [...(tasks?.unreachable.values() ?? [])].map((task) => taskJson(task.task)),
    completed_tasks: [...(tasks?.completed.values() ?? [])].map(taskJson),
    offers: parts.offers.map(offerJson),
    executors: [],
    offer_constraints: framework.offerConstraints ?? {},
    ...(info.labels === undefined ? {} : { labels: info.labels.labels ?? [] }),
  };
}

function offerJson(open: OpenOffer): Json {
  return {
    id: open.id,
    framework_id: open.frameworkId,
    allocation_info: { role: open.role },
    slave_id: open.agentId,
    resources: resourceModel(open.resources),
  };
}
