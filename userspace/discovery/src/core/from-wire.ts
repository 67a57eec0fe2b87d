import type { PortMapping, WireLabel, WirePort } from "@tutti/dns";
import { clusterAgentOf, clusterFrameworkOf } from "./record-parts.ts";
import type {
  ClusterAgent,
  ClusterEvent,
  ClusterFramework,
  ClusterSnapshot,
  ClusterTask,
  EndedTask,
} from "./types.ts";
import { SharedTexts } from "./shared-texts.ts";
import { withPortRange, clusterTaskOf } from "./task-parts.ts";
import type { DiscoveryParts } from "./discovery-parts.ts";
import type { TaskParts } from "./task-parts.ts";

/** A JSON object that somebody else wrote. */
export type Wire = Readonly<Record<string, unknown>>;

/**
 * One event of `POST /api/v1` SUBSCRIBE, as JSON says it, without what discovery does not need. What is missing or
 * of another type is left out; undefined for events of other kinds and for those without a task or agent. `texts` of
 * one stream are shared among its events.
 */
export function eventFromWire(
  value: unknown,
  texts: SharedTexts = new SharedTexts(),
): ClusterEvent | undefined {
  const event = record(value);
  switch (event["type"]) {
    case "SUBSCRIBED":
      return snapshotFromWire(record(record(event["subscribed"])["get_state"]), texts);
    case "TASK_ADDED": {
      const task = taskFromWire(record(record(event["task_added"])["task"]), texts);
      return task === undefined ? undefined : { type: "taskAdded", task };
    }
    case "TASK_UPDATED":
      return updateFromWire(record(event["task_updated"]), texts);
    case "AGENT_ADDED": {
      const agent = agentFromWire(record(record(event["agent_added"])["agent"]));
      return agent === undefined ? undefined : { type: "agentAdded", agent };
    }
    case "AGENT_REMOVED": {
      const agentId = idOf(record(event["agent_removed"])["agent_id"]);
      return agentId === "" ? undefined : { type: "agentRemoved", agentId };
    }
    case "FRAMEWORK_ADDED":
    case "FRAMEWORK_UPDATED": {
      const body = record(event[String(event["type"]).toLowerCase()]);
      const framework = frameworkFromWire(record(body["framework"]));
      return framework === undefined ? undefined : { type: "frameworkPut", framework };
    }
    case "FRAMEWORK_REMOVED": {
      const info = record(record(event["framework_removed"])["framework_info"]);
      const frameworkId = idOf(info["id"]);
      return frameworkId === "" ? undefined : { type: "frameworkRemoved", frameworkId };
    }
    case "HEARTBEAT":
      return { type: "heartbeat" };
    default:
      return undefined;
  }
}

function snapshotFromWire(state: Wire, texts: SharedTexts): ClusterSnapshot {
  const tasks = record(state["get_tasks"]);
  const agents = record(state["get_agents"]);
  const frameworks = record(state["get_frameworks"]);
  return {
    type: "snapshot",
    tasks: present(list(tasks["tasks"]).map((task) => taskFromWire(record(task), texts))),
    ended: [...list(tasks["unreachable_tasks"]), ...list(tasks["completed_tasks"])].map((task) =>
      endedFromWire(record(task)),
    ),
    agents: present(list(agents["agents"]).map((agent) => agentFromWire(record(agent)))),
    recoveredAgents: present(
      list(agents["recovered_agents"]).map((info) => agentFromWire({ agent_info: info })),
    ),
    frameworks: present(
      list(frameworks["frameworks"]).map((framework) => frameworkFromWire(record(framework))),
    ),
  };
}

function endedFromWire(task: Wire): EndedTask {
  return {
    frameworkId: idOf(task["framework_id"]),
    taskId: idOf(task["task_id"]),
    state: text(task["state"]),
  };
}

/** A `mesos.v1.Task`. */
function taskFromWire(task: Wire, texts: SharedTexts): ClusterTask | undefined {
  const statuses = list(task["statuses"]).map(record);
  const discovery = task["discovery"];
  const parts: TaskParts = {
    frameworkId: texts.share(idOf(task["framework_id"])),
    taskId: idOf(task["task_id"]),
    name: texts.share(text(task["name"])),
    agentId: texts.share(idOf(task["agent_id"])),
    state: texts.share(text(task["state"])),
    healthy: newest(statuses, healthyOf),
    isChecked: task["health_check"] !== undefined,
    addresses: newest(statuses, (status) => addressesOf(status, texts)),
    mappings: portMappingsOf(record(task["container"])),
    ports: portsOf(list(task["resources"])),
    labels: labelsOf(task["labels"]),
    discovery: discovery === undefined ? undefined : discoveryFromWire(record(discovery), texts),
  };
  return clusterTaskOf(parts, texts);
}

function updateFromWire(update: Wire, texts: SharedTexts): ClusterEvent | undefined {
  const status = record(update["status"]);
  const frameworkId = idOf(update["framework_id"]);
  const taskId = idOf(status["task_id"]);
  if (frameworkId === "" || taskId === "") return undefined;
  return {
    type: "taskUpdated",
    frameworkId,
    taskId,
    // `state` is the newest that the master knows; the status may be an older one that waited.
    state: text(update["state"]) || text(status["state"]),
    healthy: healthyOf(status),
    addresses: addressesOf(status, texts),
  };
}

function discoveryFromWire(discovery: Wire, texts: SharedTexts): DiscoveryParts {
  return {
    name: texts.share(text(discovery["name"])),
    visibility: text(discovery["visibility"]),
    ports: list(record(discovery["ports"])["ports"]).map(record).map(portFromWire),
  };
}

function portFromWire(port: Wire): WirePort {
  const name = text(port["name"]);
  const protocol = text(port["protocol"]);
  return {
    number: count(port["number"]),
    name: name === "" ? undefined : name,
    protocol: protocol === "" ? undefined : protocol,
    labels: labelsOf(port["labels"]),
  };
}

function labelsOf(value: unknown): readonly WireLabel[] {
  return list(record(value)["labels"])
    .map(record)
    .map((label) => ({ key: text(label["key"]), value: text(label["value"]) }));
}

/** Port mappings of a container: of its networks, or of Docker. */
function portMappingsOf(container: Wire): readonly PortMapping[] {
  const networks = list(container["network_infos"]).map(record);
  const docker = record(container["docker"]);
  return [...networks, docker]
    .flatMap((owner) => list(owner["port_mappings"]).map(record))
    .map((mapping) => ({
      hostPort: count(mapping["host_port"]),
      containerPort: count(mapping["container_port"]),
    }));
}

/** All numbers of the `ports` resources, in order, bounded by what a machine has. */
function portsOf(resources: readonly unknown[]): readonly number[] {
  let ports: readonly number[] = [];
  for (const resource of resources.map(record)) {
    if (resource["name"] !== "ports") continue;
    for (const range of list(record(resource["ranges"])["range"]).map(record))
      ports = withPortRange(ports, count(range["begin"]), count(range["end"]));
  }
  return ports;
}

function agentFromWire(agent: Wire): ClusterAgent | undefined {
  const info = record(agent["agent_info"]);
  const id = idOf(info["id"]);
  const parts = { id, hostname: text(info["hostname"]), port: count(info["port"]) };
  return clusterAgentOf(parts, text(agent["pid"]));
}

function frameworkFromWire(framework: Wire): ClusterFramework | undefined {
  const info = record(framework["framework_info"]);
  const parts = {
    id: idOf(info["id"]),
    name: text(info["name"]),
    hostname: text(info["hostname"]),
    webuiUrl: text(info["webui_url"]),
  };
  return clusterFrameworkOf(parts, framework["active"] === true);
}

function healthyOf(status: Wire): boolean | undefined {
  const { healthy } = status as { readonly healthy?: unknown };
  return typeof healthy === "boolean" ? healthy : undefined;
}

/** Addresses that a status speaks of, in one spelling; undefined when it has none. */
function addressesOf(status: Wire, texts: SharedTexts): readonly string[] | undefined {
  const networks = record(status["container_status"])["network_infos"];
  if (networks === undefined) return undefined;
  return list(networks)
    .map(record)
    .flatMap((network) => list(network["ip_addresses"]).map(record))
    .flatMap(({ ip_address }) => texts.address(text(ip_address)));
}

/** What the newest status that has it says; statuses are in the order of time. */
function newest<T>(
  statuses: readonly Wire[],
  read: (status: Wire) => T | undefined,
): T | undefined {
  for (let index = statuses.length - 1; index >= 0; index -= 1) {
    const status = statuses[index];
    const value = status === undefined ? undefined : read(status);
    if (value !== undefined) return value;
  }
  return undefined;
}

const nothing: Wire = {};

function record(value: unknown): Wire {
  return typeof value === "object" && value !== null ? (value as Wire) : nothing;
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function count(value: unknown): number {
  return typeof value === "number" && Number.isInteger(value) && value >= 0 ? value : 0;
}

function idOf(value: unknown): string {
  return text(record(value)["value"]);
}

function present<T>(values: readonly (T | undefined)[]): readonly T[] {
  return values.filter((value) => value !== undefined);
}
