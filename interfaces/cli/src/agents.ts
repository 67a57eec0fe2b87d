import { ok } from "@tutti/base";
import type { Outcome } from "./refusal.ts";
import type { Session } from "./session.ts";

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
}

const agentPort = 5051;

/** The agents that are registered with the master. */
export async function readAgents(session: Session): Promise<Outcome<readonly AgentState[]>> {
  const answer = await session.master.call<{ readonly slaves: readonly AgentState[] }>({
    path: "/slaves",
  });
  return answer.ok ? ok(answer.value.slaves) : answer;
}

/** Where an agent listens: from its pid, else its host name and port. */
export function agentAddress(agent: AgentState): { readonly ip: string; readonly port: number } {
  const found = /@\[?([^\]@]+?)\]?:(\d+)$/.exec(agent.pid ?? "");
  if (found?.[1] !== undefined) return { ip: found[1], port: Number(found[2]) };
  return { ip: agent.hostname, port: agent.port ?? agentPort };
}
