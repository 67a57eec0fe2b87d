import { formatRanges } from "@tutti/resources";
import type { Attribute } from "@tutti/mesos-v1";
import type { Agent } from "../../entities.ts";
import type { AgentRecord, DrainRecord } from "../../events.ts";
import { release } from "../../release.ts";
import {
  agentPidOf,
  capabilityNamesOf,
  drainInfoOf,
  endpointResources,
  isActive,
} from "../agent-view.ts";
import type { Json } from "./resource-model.ts";
import { resourceModel } from "./resource-model.ts";

/** An agent as `/state`, `/state-summary` and `/slaves` begin it. */
export function agentJson(agent: Agent): Json {
  const { record } = agent;
  return {
    ...identityOf(record),
    pid: agentPidOf(record),
    registered_time: record.registeredMs / 1000,
    ...(agent.reregisteredMs === undefined
      ? {}
      : { reregistered_time: agent.reregisteredMs / 1000 }),
    resources: resourceModel(agent.total),
    used_resources: resourceModel(agent.used),
    offered_resources: resourceModel(agent.offered),
    reserved_resources: Object.fromEntries(
      [...agent.total.byReservation()].map(([role, part]) => [role, resourceModel(part)]),
    ),
    unreserved_resources: resourceModel(agent.total.unreserved()),
    active: isActive(agent),
    deactivated: record.deactivated === true,
    version: release.mesosVersion,
    capabilities: capabilityNamesOf(record),
    ...(record.drain === undefined ? {} : drainJson(record.drain)),
  };
}

/** A duration is shown as a number here, to the precision that JSON's have. */
function drainJson(drain: DrainRecord): Json {
  const { state, config } = drainInfoOf(drain);
  const grace = config.max_grace_period;
  return {
    drain_info: {
      state,
      config: {
        ...(grace === undefined
          ? {}
          : { max_grace_period: { nanoseconds: Number(grace.nanoseconds) } }),
        mark_gone: drain.markGone,
      },
    },
    estimated_drain_start_time_seconds: drain.startedMs / 1000,
  };
}

/** What `/slaves` adds: the same resources as messages. */
export function fullResources(agent: Agent): Json {
  return {
    reserved_resources_full: Object.fromEntries(
      [...agent.total.byReservation()].map(([role, part]) => [role, endpointResources(part)]),
    ),
    unreserved_resources_full: endpointResources(agent.total.unreserved()),
    used_resources_full: endpointResources(agent.used),
    offered_resources_full: endpointResources(agent.offered),
  };
}

/** An agent that has not come back since the election. */
export function recoveredAgentJson(record: AgentRecord): Json {
  return identityOf(record);
}

function identityOf({ info }: AgentRecord): Json {
  return {
    id: info.id?.value ?? "",
    hostname: info.hostname,
    port: info.port ?? 5051,
    attributes: Object.fromEntries(
      (info.attributes ?? []).map((attribute) => [attribute.name, valueOf(attribute)]),
    ),
    ...(info.domain === undefined ? {} : { domain: info.domain }),
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
