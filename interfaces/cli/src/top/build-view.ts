import { agentAddress, type AppInfo, type RecoveredAgent } from "@tutti/marathon-v2";
import type { AgentState } from "../agents.ts";
import { type Node, nodesOf } from "../nodes.ts";
import type { ClusterFile } from "../target.ts";
import type { BoundedAmount, TopAmount, TopApp, TopMachine, TopView } from "./top-view.ts";
import type { ContainerUsage } from "./usage-meter.ts";

/** An agent of `/state-summary`: with the numbers of its tasks. */
export interface SummaryAgent extends AgentState {
  readonly TASK_STAGING?: number;
  readonly TASK_STARTING?: number;
  readonly TASK_RUNNING?: number;
  readonly TASK_KILLING?: number;
}

/** What a frame is made of. */
export interface TopAnswers {
  readonly at: string;
  readonly cluster: ClusterFile | undefined;
  readonly agents: readonly SummaryAgent[];
  readonly apps: readonly AppInfo[];
  /** Marathon's framework; undefined: not known, every task may be Marathon's. */
  readonly frameworkId: string | undefined;
  /** What an agent's containers use; undefined: it has not answered. */
  readonly usageOf: (agentId: string) => readonly ContainerUsage[] | undefined;
  /** Agents that were asked and did not answer. */
  readonly silent: ReadonlySet<string>;
  readonly problems: readonly string[];
  /** Those that the master waits for after it has begun anew; absent: none. */
  readonly recovered?: readonly RecoveredAgent[];
  /** Machines that were removed for ever, by name. */
  readonly gone?: ReadonlySet<string>;
}

/** The cluster at one moment. */
export function buildView(answers: TopAnswers): TopView {
  const { agents, usageOf } = answers;
  const byId = new Map(agents.map((agent) => [agent.id, agent]));
  const machines = nodesOf(
    { agents, recovered: answers.recovered ?? [] },
    answers.cluster,
    answers.gone,
  ).map((node) => machineOf(node, byId.get(node.id ?? ""), answers));
  const usage = agents.flatMap((agent) => usageOf(agent.id) ?? []);
  return {
    at: answers.at,
    cluster: answers.cluster?.name ?? null,
    machines,
    apps: appsOf(answers, usage),
    totals: {
      tasks: machines.reduce((sum, { tasks }) => sum + tasks, 0),
      cpus: total(machines.map(({ cpus }) => cpus)),
      mem: total(machines.map(({ mem }) => mem)),
    },
    problems: answers.problems,
  };
}

function machineOf(
  node: Node,
  agent: SummaryAgent | undefined,
  { usageOf, silent }: TopAnswers,
): TopMachine {
  const usage = agent === undefined ? undefined : usageOf(agent.id);
  const isSilent = agent !== undefined && node.status === "active" && silent.has(agent.id);
  return {
    name: node.name,
    ip: node.ip,
    public: node.public,
    status: isSilent ? "silent" : node.status,
    tasks: agent === undefined ? 0 : tasksOf(agent),
    cpus: bounded(node.cpus, cpusOf(usage)),
    mem: bounded(node.mem, memOf(usage)),
  };
}

function tasksOf(agent: SummaryAgent): number {
  const { TASK_STAGING = 0, TASK_STARTING = 0, TASK_RUNNING = 0, TASK_KILLING = 0 } = agent;
  return TASK_STAGING + TASK_STARTING + TASK_RUNNING + TASK_KILLING;
}

function bounded(
  amount: { readonly used: number; readonly total: number } | null,
  used: number | null,
): BoundedAmount | null {
  if (amount === null) return null;
  return { used, allocated: thousandths(amount.used), total: amount.total };
}

/** Null as long as something is not known. */
function cpusOf(usage: readonly ContainerUsage[] | undefined): number | null {
  if (usage === undefined) return null;
  const known = usage.flatMap(({ cpus }) => cpus ?? []);
  if (known.length === 0 && usage.length > 0) return null;
  return thousandths(known.reduce((sum, cpus) => sum + cpus, 0));
}

function memOf(usage: readonly ContainerUsage[] | undefined): number | null {
  if (usage === undefined) return null;
  return thousandths(usage.reduce((sum, { memMb }) => sum + memMb, 0));
}

/** Null only when nothing at all is known. */
function total(amounts: readonly (BoundedAmount | null)[]): BoundedAmount {
  const known = amounts.flatMap((amount) => amount ?? []);
  const used = known.flatMap((amount) => amount.used ?? []);
  const sum = (values: readonly number[]): number =>
    thousandths(values.reduce((all, value) => all + value, 0));
  return {
    used: used.length === 0 && known.length > 0 ? null : sum(used),
    allocated: sum(known.map(({ allocated }) => allocated)),
    total: sum(known.map((amount) => amount.total)),
  };
}

function appsOf(
  { apps, agents, usageOf, frameworkId }: TopAnswers,
  usage: readonly ContainerUsage[],
): readonly TopApp[] {
  const byApp = new Map<string, ContainerUsage[]>();
  for (const each of usage) {
    if (frameworkId !== undefined && each.frameworkId !== frameworkId) continue;
    const id = appIdOf(each.executorId);
    const known = byApp.get(id);
    if (known === undefined) byApp.set(id, [each]);
    else known.push(each);
  }
  const isAnswered = agents.length === 0 || agents.some(({ id }) => usageOf(id) !== undefined);
  return apps.map((app) => appOf(app, byApp.get(app.id) ?? (isAnswered ? [] : undefined)));
}

function appOf(app: AppInfo, usage: readonly ContainerUsage[] | undefined): TopApp {
  const running = app.tasksRunning ?? 0;
  const placed = running + (app.tasksStaged ?? 0);
  const amount = (used: number | null, each: number): TopAmount => ({
    used,
    allocated: thousandths(placed * each),
  });
  return {
    id: app.id,
    instances: app.instances,
    running,
    healthy: app.tasksHealthy ?? 0,
    hasHealthChecks: (app.healthChecks ?? []).length > 0,
    isDeploying: (app.deployments ?? []).length > 0,
    cpus: amount(cpusOf(usage), app.cpus),
    mem: amount(memOf(usage), app.mem),
  };
}

/** The app of a task's id: `shop_web.instance-….…` is of `/shop/web`. An app's id has no underscore. */
function appIdOf(taskId: string): string {
  const name = /^(.+)\.(?:instance|marathon)-[^.]+/.exec(taskId)?.[1];
  return name === undefined ? "" : `/${name.replaceAll("_", "/")}`;
}

function thousandths(value: number): number {
  return Math.round(value * 1000) / 1000;
}

/** The id and address of every agent that can be asked. */
export function agentsToAsk(agents: readonly SummaryAgent[]): readonly SummaryAgent[] {
  return agents.filter((agent) => agent.active && agentAddress(agent).ip !== "");
}
