import { enums, nanosecondsOf } from "@tutti/mesos-v1";
import type {
  AgentInfoCapabilityType,
  DrainInfo,
  MasterResponseGetAgentsAgent,
  Resource,
} from "@tutti/mesos-v1";
import { toEndpointFormat } from "@tutti/resources";
import type { Resources } from "@tutti/resources";
import type { Agent } from "../entities.ts";
import type { AgentRecord, DrainRecord } from "../events.ts";
import { release } from "../release.ts";

/** An agent as GET_AGENTS and AGENT_ADDED show it. */
export function agentView(agent: Agent): MasterResponseGetAgentsAgent {
  const { record } = agent;
  return {
    agent_info: record.info,
    active: isActive(agent),
    deactivated: record.deactivated === true,
    version: release.mesosVersion,
    pid: agentPidOf(record),
    registered_time: { nanoseconds: nanosecondsOf(record.registeredMs) },
    ...(agent.reregisteredMs === undefined
      ? {}
      : { reregistered_time: { nanoseconds: nanosecondsOf(agent.reregisteredMs) } }),
    total_resources: endpointResources(agent.total),
    allocated_resources: endpointResources(agent.used),
    offered_resources: endpointResources(agent.offered),
    capabilities: capabilityNamesOf(record).map((type) => ({ type })),
    ...(record.drain === undefined ? {} : drainView(record.drain)),
  };
}

/** Whether something may be offered of an agent. */
export function isActive({ isConnected, record }: Agent): boolean {
  return isConnected && record.deactivated !== true;
}

/** What a drain is, and since when to the second. */
function drainView(
  drain: DrainRecord,
): Pick<MasterResponseGetAgentsAgent, "drain_info" | "estimated_drain_start_time"> {
  const seconds = Math.floor(drain.startedMs / 1000);
  return {
    drain_info: drainInfoOf(drain),
    estimated_drain_start_time: { nanoseconds: nanosecondsOf(seconds * 1000) },
  };
}

/** A drain's state and what was asked for. */
export function drainInfoOf({ state, maxGraceNanoseconds, markGone }: DrainRecord): DrainInfo {
  return {
    state,
    config: {
      ...(maxGraceNanoseconds === undefined
        ? {}
        : { max_grace_period: { nanoseconds: BigInt(maxGraceNanoseconds) } }),
      mark_gone: markGone,
    },
  };
}

/** Resources as operators see them: the older fields beside the newer ones. */
export function endpointResources(resources: Resources): Resource[] {
  return resources.toMessages().map(toEndpointFormat);
}

/** The capabilities of an agent that Mesos has a name for. */
export function capabilityNamesOf(record: AgentRecord): readonly AgentInfoCapabilityType[] {
  return enums.AgentInfoCapabilityType.names.filter(
    (name) => name !== "UNKNOWN" && record.capabilities.includes(name),
  );
}

/** The address of an agent as libprocess writes it: clients take host and port out of it. */
export function agentPidOf(record: AgentRecord): string {
  return `slave(1)@${record.info.hostname}:${record.info.port ?? 5051}`;
}
