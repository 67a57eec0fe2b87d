import { ok } from "@tutti/base";
import { agentAddress } from "@tutti/marathon-v2";
import type { MasterAgent, MasterAgents, RecoveredAgent } from "@tutti/marathon-v2";
import type { Outcome } from "./refusal.ts";
import type { Session } from "./session.ts";

/** What the CLI reads of an agent in the master's `/slaves`. */
export interface AgentState extends MasterAgent {
  readonly attributes?: Readonly<Record<string, unknown>>;
  readonly resources?: Readonly<Record<"cpus" | "mem", number | undefined>>;
  readonly used_resources?: Readonly<Record<"cpus" | "mem", number | undefined>>;
  /** Present from the order to drain it until it is reactivated. */
  readonly drain_info?: {
    readonly state: "UNKNOWN" | "DRAINING" | "DRAINED";
  };
}

/** The agents of `/slaves`. */
export type AgentLists = MasterAgents<AgentState>;

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

/** One agent as the master sees it: registered, gone for ever, or neither, when nothing is heard of it. */
export async function readAgent(
  session: Session,
  id: string,
): Promise<Outcome<{ readonly agent: AgentState | undefined; readonly isGone: boolean }>> {
  const answer = await session.master.call<{
    readonly slaves: readonly AgentState[];
    readonly gone_slaves?: readonly { readonly id: string }[];
  }>({ path: `/slaves?slave_id=${encodeURIComponent(id)}` });
  if (!answer.ok) return answer;
  const { slaves, gone_slaves: gone = [] } = answer.value;
  return ok({
    agent: slaves.find((each) => each.id === id),
    isGone: gone.some((each) => each.id === id),
  });
}

/** The agents that are registered with the master. */
export async function readAgents(session: Session): Promise<Outcome<readonly AgentState[]>> {
  const lists = await readAgentLists(session);
  return lists.ok ? ok(lists.value.agents) : lists;
}

/** The address of an agent's HTTP interface. */
export function agentUrl(agent: AgentState): string {
  const { ip, port } = agentAddress(agent);
  const host = ip.includes(":") ? `[${ip}]` : ip;
  return `http://${host}:${String(port)}`;
}
