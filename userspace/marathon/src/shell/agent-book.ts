import { Fault } from "@tutti/base";
import { fetchJson } from "@tutti/http";
import type { MasterAgent, MasterAgents, RecoveredAgent } from "@tutti/marathon-v2";
import type { Clock } from "@tutti/ports";
import { limits } from "./limits.ts";

/**
 * What the master says of its agents, for explanations: asked only while somebody wants to know why
 * something waits, by all who ask within a second together. What it cannot say within a second is left out.
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
      method: "GET",
      url: `${masterUrl}/slaves`,
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
  if (typeof json !== "object" || json === null) return undefined;
  const { slaves, recovered_slaves: recovered } = json as {
    readonly slaves?: unknown;
    readonly recovered_slaves?: unknown;
  };
  if (!Array.isArray(slaves)) return undefined;
  return {
    agents: slaves.filter(isAgent),
    recovered: Array.isArray(recovered) ? recovered.filter(isNamed) : [],
  };
}

function isNamed(value: unknown): value is RecoveredAgent {
  if (typeof value !== "object" || value === null) return false;
  const { id, hostname } = value as { readonly id?: unknown; readonly hostname?: unknown };
  return typeof id === "string" && typeof hostname === "string";
}

function isAgent(value: unknown): value is MasterAgent {
  return isNamed(value) && "active" in value && typeof value.active === "boolean";
}
