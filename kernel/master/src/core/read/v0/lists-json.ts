import { parseAgentId } from "@tutti/ids";
import { fromThousandths, type Thousandths } from "@tutti/resources";
import type { MasterView } from "../../view.ts";
import { roleSummaries } from "../roles.ts";
import { agentJson, fullResources, recoveredAgentJson } from "./agent-json.ts";
import { completedFrameworkJson, frameworkJson } from "./framework-json.ts";
import { amountModel } from "./resource-model.ts";
import type { Json } from "./resource-model.ts";
import { firstTimestampOf, taskJson } from "./task-json.ts";

/** `/slaves`, all or one; asked about one that is gone for ever it says so. Rule MST118. */
export function slavesJson(view: MasterView, slaveId: string | undefined): Json {
  const agents = [...view.agents.values()].filter(
    (agent) => slaveId === undefined || agent.id === slaveId,
  );
  const recovered = [...view.recoveredAgents].filter(
    ([id]) => slaveId === undefined || id === slaveId,
  );
  const id = slaveId === undefined ? undefined : parseAgentId(slaveId);
  const goneMs = id?.ok === true ? view.goneAgents.get(id.value) : undefined;
  return {
    slaves: agents.map((agent) => ({ ...agentJson(agent), ...fullResources(agent) })),
    recovered_slaves: recovered.map(([, record]) => recoveredAgentJson(record)),
    ...(goneMs === undefined ? {} : { gone_slaves: [{ id: slaveId, gone_time: goneMs / 1000 }] }),
  };
}

/** `/frameworks`, all or one. */
export function frameworksJson(view: MasterView, frameworkId: string | undefined): Json {
  const wanted = (id: string): boolean => frameworkId === undefined || id === frameworkId;
  return {
    frameworks: [...view.frameworks.values()]
      .filter((framework) => wanted(framework.id))
      .map((framework) => frameworkJson(view, framework)),
    completed_frameworks: [...view.completedFrameworks.values()]
      .filter((completed) => wanted(completed.framework.id))
      .map(completedFrameworkJson),
    unregistered_frameworks: [],
  };
}

/** What `/tasks` was asked for. */
export interface TaskQuery {
  readonly frameworkId?: string;
  readonly taskId?: string;
  readonly limit: number;
  readonly offset: number;
  readonly order: "asc" | "desc";
}

/** `/tasks`: by the time of their first status, the newest first unless `asc`. */
export function tasksJson(view: MasterView, query: TaskQuery): Json {
  const ended = [...view.completedFrameworks.values()].map((framework) => framework.tasks);
  const found = [...view.tasks.values(), ...ended].flatMap((tasks) => [
    ...[...tasks.active.values()].map((task) => task.task),
    ...[...tasks.unreachable.values()].map((task) => task.task),
    ...tasks.completed.values(),
  ]);
  const wanted = found.filter(
    (task) =>
      (query.frameworkId === undefined || task.framework_id.value === query.frameworkId) &&
      (query.taskId === undefined || task.task_id.value === query.taskId),
  );
  const direction = query.order === "asc" ? 1 : -1;
  wanted.sort((left, right) => direction * (firstTimestampOf(left) - firstTimestampOf(right)));
  return { tasks: wanted.slice(query.offset, query.offset + query.limit).map(taskJson) };
}

function amountsJson(amounts: Iterable<readonly [string, Thousandths]>): Json {
  return Object.fromEntries([...amounts].map(([name, amount]) => [name, fromThousandths(amount)]));
}

/** `/roles` */
export function rolesJson(view: MasterView): Json {
  return {
    roles: roleSummaries(view).map((role) => ({
      name: role.name,
      weight: role.weight,
      quota: {
        role: role.name,
        guarantee: amountsJson(role.quota.guarantees.entries()),
        limit: amountsJson(role.quota.limits),
        consumed: amountsJson(role.consumed.entries()),
      },
      resources: amountModel(role.used.add(role.offered)),
      allocated: amountModel(role.used),
      offered: amountModel(role.offered),
      reserved: amountModel(role.reserved),
      frameworks: role.frameworkIds,
    })),
  };
}
