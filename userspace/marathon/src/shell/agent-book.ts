import { Fault } from "@tutti/base";
import { fetchJson } from "@tutti/http";
import type { FullResource, MasterAgent, MasterAgents } from "@tutti/marathon-v2";
import { messages, parseJson } from "@tutti/mesos-v1";
import type { MasterResponseGetAgentsAgent, Resource } from "@tutti/mesos-v1";
import type { Clock } from "@tutti/ports";
import { limits } from "./limits.ts";

/**
 * What the master says of its agents, for explanations: asked (GET_AGENTS) only while somebody wants to know
 * why something waits, by all who ask within a second together. What it cannot say within a second is left out.
 */
export class AgentBook {
  readonly #clock: Clock;
  #url = "";
  #readAtMs = 0;
  #answer: Promise<MasterAgents | undefined> | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The agents that this master knows; undefined when it does not answer as it should. */
  read(masterUrl: string): Promise<MasterAgents | undefined> {
    const nowMs = this.#clock.monoMs();
    const isFresh = this.#url === masterUrl && nowMs - this.#readAtMs < limits.agentsFreshMs;
    if (this.#answer !== undefined && isFresh) return this.#answer;
    this.#url = masterUrl;
    this.#readAtMs = nowMs;
    this.#answer = readAgents(masterUrl);
    return this.#answer;
  }
}

async function readAgents(masterUrl: string): Promise<MasterAgents | undefined> {
  try {
    const { status, json } = await fetchJson({
      method: "POST",
      url: `${masterUrl}/api/v1`,
      json: { type: "GET_AGENTS" },
      timeoutMs: limits.agentsTimeoutMs,
      bodyTimeoutMs: limits.agentsTimeoutMs,
    });
    return status === 200 ? agentsOf(json) : undefined;
  } catch (error) {
    if (error instanceof Fault) return undefined;
    throw error;
  }
}

function agentsOf(json: unknown): MasterAgents | undefined {
  const response = parseJson(messages.MasterResponse, json);
  const found = response.ok ? response.value.get_agents : undefined;
  if (found === undefined) return undefined;
  return {
    agents: (found.agents ?? []).map(masterAgentOf),
    recovered: (found.recovered_agents ?? []).map(({ id, hostname }) => ({
      id: id?.value ?? "",
      hostname,
    })),
  };
}

function masterAgentOf(agent: MasterResponseGetAgentsAgent): MasterAgent {
  const { id, hostname } = agent.agent_info;
  const reserved: Record<string, FullResource[]> = {};
  const unreserved: FullResource[] = [];
  for (const resource of agent.total_resources ?? []) {
    const role = resource.reservations?.at(-1)?.role ?? resource.role ?? "*";
    if (role === "*") unreserved.push(fullOf(resource));
    else (reserved[role] ??= []).push(fullOf(resource));
  }
  return {
    id: id?.value ?? "",
    hostname,
    ...(agent.pid === undefined ? {} : { pid: agent.pid }),
    active: agent.active,
    deactivated: agent.deactivated === true,
    unreserved_resources_full: unreserved,
    reserved_resources_full: reserved,
    used_resources_full: (agent.allocated_resources ?? []).map(fullOf),
  };
}

/** Ports of any spelling as numbers. */
function fullOf({ ranges, ...resource }: Resource): FullResource {
  if (ranges === undefined) return resource;
  const range = (ranges.range ?? []).map(({ begin, end }) => ({
    begin: Number(begin),
    end: Number(end),
  }));
  return { ...resource, ranges: { range } };
}
