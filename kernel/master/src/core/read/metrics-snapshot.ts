import { enums } from "@tutti/mesos-v1";
import { fromThousandths, Resources } from "@tutti/resources";
import type { MasterConfig } from "../config.ts";
import type { Framework } from "../entities.ts";
import type { MasterView } from "../view.ts";
import { isActive } from "./agent-view.ts";
import { roleSummaries } from "./roles.ts";
import type { RoleSummary } from "./roles.ts";
import {
  counterNames,
  frameworkCounterNames,
  operationStates,
  operationTypes,
  terminalNames,
} from "./metric-names.ts";

/** What the core cannot know about itself. */
export interface HostMetrics {
  /** `system/…`, `registrar/…` and what the allocator's runs took, by full name. */
  readonly values: ReadonlyMap<string, number>;
  readonly wallMs: number;
}

/** `/metrics/snapshot`: all counters and gauges by name, sorted. Rule MST81. */
export function metricsSnapshot(
  config: MasterConfig,
  view: MasterView,
  host: HostMetrics,
): Map<string, number> {
  const metrics = new Map<string, number>(host.values);
  for (const name of counterNames) {
    metrics.set(`master/${name}`, view.metrics.counters.get(name) ?? 0);
  }
  addAllocator(metrics, view);
  addResources(metrics, view);
  addGauges(metrics, view);
  addTaskGauges(metrics, view);
  addOperations(metrics, view);
  metrics.set("master/elected", 1);
  metrics.set("master/uptime_secs", (host.wallMs - config.startedMs) / 1000);
  for (const framework of view.frameworks.values()) addFramework(metrics, view, framework, 1);
  for (const { framework } of view.completedFrameworks.values()) {
    addFramework(metrics, view, framework, 0);
  }
  return new Map([...metrics].sort(([left], [right]) => (left < right ? -1 : 1)));
}

function addAllocator(metrics: Map<string, number>, view: MasterView): void {
  metrics.set("allocator/event_queue_dispatches", 0);
  metrics.set("allocator/mesos/event_queue_dispatches", 0);
  metrics.set("allocator/mesos/allocation_runs", view.metrics.allocationRuns);
  view.metrics.allocationLatency.show("allocator/mesos/allocation_run_latency_ms", metrics);
  const total = Resources.sum([...view.agents.values()].map((agent) => agent.total));
  const held = Resources.sum(
    [...view.agents.values()].flatMap((agent) => [agent.used, agent.offered]),
  );
  for (const name of ["cpus", "disk", "mem"]) {
    const path = `allocator/mesos/resources/${name}`;
    metrics.set(`${path}/total`, fromThousandths(total.scalar(name)));
    metrics.set(`${path}/offered_or_allocated`, fromThousandths(held.scalar(name)));
  }
  for (const role of roleSummaries(view)) addRole(metrics, role, total);
}

function addRole(metrics: Map<string, number>, role: RoleSummary, total: Resources): void {
  const held = role.used.add(role.offered).quantities();
  const shares = held
    .entries()
    .map(([name, amount]) => (total.scalar(name) === 0 ? 0 : amount / total.scalar(name)));
  const share = Math.max(0, ...shares) / role.weight;
  metrics.set(`allocator/mesos/roles/${role.name}/shares/dominant`, share);
  const filters = `allocator/mesos/offer_filters/roles/${role.name}/active`;
  metrics.set(filters, metrics.get(filters) ?? 0);
  for (const [name, amount] of role.used.quantities().entries()) {
    const path = `allocator/mesos/quota/roles/${role.name}/resources/${name}/consumed`;
    metrics.set(path, fromThousandths(amount));
  }
}

function addResources(metrics: Map<string, number>, view: MasterView): void {
  const agents = [...view.agents.values()];
  const total = Resources.sum(agents.map((agent) => agent.total));
  const used = Resources.sum(agents.map((agent) => agent.used));
  for (const name of ["cpus", "disk", "gpus", "mem"]) {
    const kinds = [
      ["", total.nonRevocable(), used.nonRevocable()],
      ["_revocable", total.revocable(), used.revocable()],
    ] as const;
    for (const [suffix, all, part] of kinds) {
      const whole = fromThousandths(all.scalar(name));
      const taken = fromThousandths(part.scalar(name));
      metrics.set(`master/${name}${suffix}_total`, whole);
      metrics.set(`master/${name}${suffix}_used`, taken);
      metrics.set(`master/${name}${suffix}_percent`, whole === 0 ? 0 : taken / whole);
    }
  }
}

function addGauges(metrics: Map<string, number>, view: MasterView): void {
  const connected = [...view.agents.values()].filter((agent) => agent.isConnected).length;
  const activeAgents = [...view.agents.values()].filter(isActive).length;
  const active = [...view.frameworks.values()].filter(({ status }) => status === "active").length;
  const gauges: Readonly<Record<string, number>> = {
    dropped_messages: 0,
    event_queue_dispatches: 0,
    event_queue_http_requests: 0,
    event_queue_messages: 0,
    http_cache_hits: 0,
    frameworks_active: active,
    frameworks_connected: active,
    frameworks_disconnected: view.frameworks.size - active,
    frameworks_inactive: view.frameworks.size - active,
    operator_event_stream_subscribers: view.operatorSubscribers.size,
    outstanding_offers: view.offers.size,
    slaves_active: activeAgents,
    slaves_connected: connected,
    slaves_disconnected: view.agents.size - connected,
    slaves_inactive: view.agents.size - activeAgents,
    slaves_unreachable: view.unreachableAgents.size,
  };
  for (const [name, value] of Object.entries(gauges)) metrics.set(`master/${name}`, value);
}

function addTaskGauges(metrics: Map<string, number>, view: MasterView): void {
  const counts = { staging: 0, starting: 0, running: 0, killing: 0, unreachable: 0 };
  for (const tasks of view.tasks.values()) {
    counts.unreachable += tasks.unreachable.size;
    for (const task of tasks.active.values()) {
      if (task.state === "TASK_STAGING") counts.staging += 1;
      else if (task.state === "TASK_STARTING") counts.starting += 1;
      else if (task.state === "TASK_RUNNING") counts.running += 1;
      else if (task.state === "TASK_KILLING") counts.killing += 1;
    }
  }
  for (const [name, count] of Object.entries(counts)) metrics.set(`master/tasks_${name}`, count);
}

function addOperations(metrics: Map<string, number>, view: MasterView): void {
  for (const state of [...operationStates, "total"]) {
    let sum = 0;
    for (const type of operationTypes) {
      const name = `operations/${type}/${state === "total" ? "error" : state}`;
      const count = view.metrics.counters.get(name) ?? 0;
      metrics.set(`master/operations/${type}/${state}`, count);
      sum += count;
    }
    metrics.set(`master/operations/${state}`, sum);
  }
}

function addFramework(
  metrics: Map<string, number>,
  view: MasterView,
  framework: Framework,
  subscribed: number,
): void {
  const path = `master/frameworks/${encodeName(framework.info.name)}/${framework.id}`;
  const counters = view.metrics.byFramework.get(framework.id);
  for (const name of frameworkCounterNames)
    metrics.set(`${path}/${name}`, counters?.get(name) ?? 0);
  for (const name of terminalNames) {
    const full = `tasks/terminal/${name}`;
    metrics.set(`${path}/${full}`, counters?.get(full) ?? 0);
  }
  for (const role of framework.roles) {
    const isSuppressed = framework.suppressedRoles.has(role);
    metrics.set(`${path}/roles/${role}/suppressed`, isSuppressed ? 1 : 0);
  }
  metrics.set(`${path}/subscribed`, framework.status === "active" ? subscribed : 0);
  const active = new Map<string, number>();
  for (const task of view.tasks.get(framework.id)?.active.values() ?? []) {
    active.set(task.state, (active.get(task.state) ?? 0) + 1);
  }
  for (const state of enums.TaskState.names) {
    const name = state.toLowerCase();
    if (terminalNames.includes(name)) continue;
    const unreachable = view.tasks.get(framework.id)?.unreachable.size ?? 0;
    const count = state === "TASK_UNREACHABLE" ? unreachable : (active.get(state) ?? 0);
    metrics.set(`${path}/tasks/active/${name}`, count);
  }
}

/** A name must not add a level to the path. */
function encodeName(name: string): string {
  return encodeURIComponent(name);
}
