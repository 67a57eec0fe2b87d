import { Fault } from "@tutti/base";
import { fetchJson } from "@tutti/http";
import type { FullResource, MasterAgent, MasterAgents, MasterRole } from "@tutti/marathon-v2";
import { messages, parseJson } from "@tutti/mesos-v1";
import type { MasterResponseGetAgentsAgent, Resource } from "@tutti/mesos-v1";
import type { Clock } from "@tutti/ports";
import { limits } from "./limits.ts";

/** What the master says; `roles` is left out when it answers only for its agents. */
export interface MasterWords {
  readonly agents: MasterAgents;
  readonly roles?: readonly MasterRole[];
}

/**
 * What the master says of its agents and roles, for explanations: asked (GET_AGENTS, and `/roles`, which shows
 * what quota is used, as GET_ROLES does not) only while somebody wants to know why something waits, by all who ask within a second together. What it cannot say within a second is left out.
 */
export class MasterBook {
  readonly #clock: Clock;
  #url = "";
  #readAtMs = 0;
  #answer: Promise<MasterWords | undefined> | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The agents and roles that this master knows; undefined when it does not tell its agents as it should. */
  read(masterUrl: string): Promise<MasterWords | undefined> {
    const nowMs = this.#clock.monoMs();
    const isFresh = this.#url === masterUrl && nowMs - this.#readAtMs < limits.masterFreshMs;
    if (this.#answer !== undefined && isFresh) return this.#answer;
    this.#url = masterUrl;
    this.#readAtMs = nowMs;
    this.#answer = readWords(masterUrl);
    return this.#answer;
  }
}

async function readWords(masterUrl: string): Promise<MasterWords | undefined> {
  const [agents, roles] = await Promise.all([readAgents(masterUrl), readRoles(masterUrl)]);
  if (agents === undefined) return undefined;
  return roles === undefined ? { agents } : { agents, roles };
}

async function readAgents(masterUrl: string): Promise<MasterAgents | undefined> {
  const json = await ask(masterUrl, "/api/v1", { type: "GET_AGENTS" });
  return json === undefined ? undefined : agentsOf(json);
}

async function readRoles(masterUrl: string): Promise<readonly MasterRole[] | undefined> {
  const json = await ask(masterUrl, "/roles");
  const roles = isRecord(json) ? json["roles"] : undefined;
  return Array.isArray(roles) && roles.every(isRole) ? roles : undefined;
}

/** The answer, posted when there is something to post; undefined when there is none that is of use. */
async function ask(masterUrl: string, path: string, body?: object): Promise<unknown> {
  try {
    const { status, json } = await fetchJson({
      method: body === undefined ? "GET" : "POST",
      url: `${masterUrl}${path}`,
      ...(body === undefined ? {} : { json: body }),
      timeoutMs: limits.masterTimeoutMs,
      bodyTimeoutMs: limits.masterTimeoutMs,
    });
    return status === 200 ? json : undefined;
  } catch (error) {
    if (error instanceof Fault) return undefined;
    throw error;
  }
}

function isRole(value: unknown): value is MasterRole {
  if (!isRecord(value) || typeof value["name"] !== "string") return false;
  const { quota } = value;
  if (quota === undefined) return true;
  return (
    isRecord(quota) && ["guarantee", "limit", "consumed"].every((key) => areAmounts(quota[key]))
  );
}

function areAmounts(value: unknown): boolean {
  if (value === undefined) return true;
  return isRecord(value) && Object.values(value).every((amount) => typeof amount === "number");
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
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
    ...(agent.drain_info === undefined ? {} : { drain_info: { state: agent.drain_info.state } }),
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
