import { formatRanges } from "@tutti/resources";
import type { Attribute, FrameworkInfo } from "@tutti/mesos-v1";
import { agentCapabilities } from "../capabilities.ts";
import type { DrainOrder } from "../records.ts";
import type { AgentView, TaskView } from "../view.ts";
import { executorNameOf, splitFrameworks, tasksByFramework } from "./executors.ts";
import { reservedJson, resourcesFullJson, resourcesJson, resourcesOf } from "./resources-json.ts";
import type { Json } from "./resources-json.ts";
import { labelsJson, roleOf, taskJson } from "./task-json.ts";
import { versionOf } from "./version.ts";

/** What the shell knows and a look at the core does not show. */
export interface StateContext {
  readonly startedWallMs: number;
  readonly flags: Readonly<Record<string, string>>;
}

/** `/state`, field by field in Mesos's order. Rule AGT30. */
export function stateJson(view: AgentView, context: StateContext): Json {
  const { config, total } = view;
  const { version, git_sha, git_branch, build_date, build_time, build_user } = versionOf(
    config.release,
  );
  const frameworks = splitFrameworks(view);
  const groups = tasksByFramework(view);
  const show = (info: FrameworkInfo): Json =>
    frameworkJson(info, groups.get(info.id?.value ?? "") ?? []);
  return {
    version,
    git_sha,
    git_branch,
    build_date,
    build_time,
    build_user,
    start_time: context.startedWallMs / 1000,
    id: view.agentId ?? "",
    pid: `slave(1)@${config.ip}:${config.port}`,
    hostname: config.info.hostname,
    capabilities: agentCapabilities,
    resources: resourcesJson(total),
    reserved_resources: reservedJson(total, resourcesJson),
    unreserved_resources: resourcesJson(total.unreserved()),
    reserved_resources_full: reservedJson(total, resourcesFullJson),
    unreserved_resources_full: resourcesFullJson(total.unreserved()),
    reserved_resources_allocated: reservedJson(view.used, resourcesJson),
    unreserved_resources_allocated: resourcesJson(view.used.unreserved()),
    resource_providers: [],
    attributes: attributesJson(config.info.attributes),
    ...(view.master === undefined ? {} : { master_hostname: hostOf(view.master) }),
    ...(view.drain === undefined ? {} : drainJson(view.drain)),
    flags: context.flags,
    frameworks: frameworks.active.map(show),
    completed_frameworks: frameworks.completed.map(show),
  };
}

/** A duration is shown as a number here, to the precision that JSON's have. */
function drainJson({ maxGraceMs, markGone, sinceWallMs }: DrainOrder): Json {
  return {
    drain_config: {
      ...(maxGraceMs === undefined
        ? {}
        : { max_grace_period: { nanoseconds: maxGraceMs * 1_000_000 } }),
      mark_gone: markGone,
    },
    estimated_drain_start_time_seconds: sinceWallMs / 1000,
  };
}

/** Attributes by name. */
export function attributesJson(attributes: readonly Attribute[] | undefined): Json {
  return Object.fromEntries(
    (attributes ?? []).map((attribute) => [attribute.name, valueOf(attribute)]),
  );
}

function frameworkJson(info: FrameworkInfo, tasks: readonly TaskView[]): Json {
  const shown = tasks.filter(({ record }) => record.spec !== undefined);
  return {
    id: info.id?.value ?? "",
    name: info.name,
    user: info.user,
    failover_timeout: info.failover_timeout ?? 0,
    checkpoint: info.checkpoint ?? false,
    hostname: info.hostname ?? "",
    ...(info.principal === undefined ? {} : { principal: info.principal }),
    ...(info.roles === undefined ? { role: info.role ?? "*" } : { roles: info.roles }),
    executors: shown.filter(({ stage }) => stage !== "completed").map(executorJson),
    completed_executors: shown.filter(({ stage }) => stage === "completed").map(executorJson),
  };
}

function executorJson(task: TaskView): Json {
  const { record, stage } = task;
  const { info, spec } = record;
  if (info === undefined || spec === undefined) return {};
  return {
    id: record.taskId,
    name: executorNameOf(info),
    source: record.taskId,
    container: record.id,
    directory: spec.sandboxDir,
    resources: resourcesJson(resourcesOf(info.resources)),
    role: roleOf(info.resources),
    ...(info.labels === undefined ? {} : { labels: labelsJson(info.labels.labels) }),
    tasks: stage === "running" ? [taskJson(task)] : [],
    queued_tasks: [],
    completed_tasks: stage === "running" ? [] : [taskJson(task)],
  };
}

function valueOf(attribute: Attribute): unknown {
  switch (attribute.type) {
    case "SCALAR":
      return attribute.scalar?.value ?? 0;
    case "RANGES":
      return formatRanges(
        (attribute.ranges?.range ?? []).map(({ begin, end }) => ({
          begin: Number(begin),
          end: Number(end),
        })),
      );
    case "SET":
      return `{${(attribute.set?.item ?? []).join(", ")}}`;
    case "TEXT":
      return attribute.text?.value ?? "";
  }
}

/** The host of `http://host:port`. */
function hostOf(url: string): string {
  return url.replace(/^[a-z]+:\/\//, "").replace(/:\d+$/, "");
}
