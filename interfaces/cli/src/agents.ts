import { ok } from "@tutti/base";
import type { Outcome } from "./refusal.ts";
import type { Session } from "./session.ts";

/** A resource as `/slaves` shows it in its `…_full` lists. */
export interface FullResource {
  readonly name: string;
  readonly type?: string;
  readonly scalar?: { readonly value: number };
  readonly ranges?: {
    readonly range?: readonly { readonly begin: number; readonly end: number }[];
  };
  readonly role?: string;
  readonly reservations?: readonly { readonly role?: string; readonly type?: string }[];
  readonly disk?: unknown;
  readonly revocable?: unknown;
  readonly shared?: unknown;
}

/** What the CLI reads of an agent in the master's `/slaves`. */
export interface AgentState {
  readonly id: string;
  readonly hostname: string;
  readonly port?: number;
  /** `slave(1)@10.213.0.3:5051`. */
  readonly pid?: string;
  readonly active: boolean;
  readonly attributes?: Readonly<Record<string, unknown>>;
  readonly resources?: Readonly<Record<"cpus" | "mem", number | undefined>>;
  readonly used_resources?: Readonly<Record<"cpus" | "mem", number | undefined>>;
  readonly reserved_resources_full?: Readonly<Record<string, readonly FullResource[]>>;
  readonly unreserved_resources_full?: readonly FullResource[];
  readonly used_resources_full?: readonly FullResource[];
}

/** An agent that was registered before the present master was elected, and has not come back. */
export interface RecoveredAgent {
  readonly id: string;
  readonly hostname: string;
}

/** The agents of `/slaves`. */
export interface AgentLists {
  readonly agents: readonly AgentState[];
  readonly recovered: readonly RecoveredAgent[];
}

const agentPort = 5051;

/** The agents that are registered with the master, and those it waits for. */
export async function readAgentLists(
  session: Session,
  timeoutMs?: number,
): Promise<Outcome<AgentLists>> {
  const answer = await session.master.call<{
    readonly slaves: readonly AgentState[];
    readonly recovered_slaves?: readonly RecoveredAgent[];
  }>({ path: "/slaves", ...(timeoutMs === undefined ? {} : { timeoutMs }) });
  if (!answer.ok) return answer;
  return ok({ agents: answer.value.slaves, recovered: answer.value.recovered_slaves ?? [] });
}

/** The agents that are registered with the master. */
export async function readAgents(session: Session): Promise<Outcome<readonly AgentState[]>> {
  const lists = await readAgentLists(session);
  return lists.ok ? ok(lists.value.agents) : lists;
}

/** Where an agent listens: from its pid, else its host name and port. */
export function agentAddress(agent: AgentState): { readonly ip: string; readonly port: number } {
  const found = /@\[?([^\]@]+?)\]?:(\d+)$/.exec(agent.pid ?? "");
  if (found?.[1] !== undefined) return { ip: found[1], port: Number(found[2]) };
  return { ip: agent.hostname, port: agent.port ?? agentPort };
}

/** The address of an agent's HTTP interface. */
export function agentUrl(agent: AgentState): string {
  const { ip, port } = agentAddress(agent);
  const host = ip.includes(":") ? `[${ip}]` : ip;
  return `http://${host}:${String(port)}`;
}
