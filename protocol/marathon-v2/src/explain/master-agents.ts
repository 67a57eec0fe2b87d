/** A resource as the master's `/slaves` shows it in its `…_full` lists. */
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

/** What explanations read of an agent in the master's `/slaves`. */
export interface MasterAgent {
  readonly id: string;
  readonly hostname: string;
  readonly port?: number;
  /** `slave(1)@10.213.0.3:5051`. */
  readonly pid?: string;
  readonly active: boolean;
  readonly attributes?: Readonly<Record<string, unknown>>;
  /** An operator lets nothing more start there; what runs goes on. */
  readonly deactivated?: boolean;
  /** Its tasks were, or are being, ended by an operator's drain. */
  readonly drain_info?: { readonly state: "UNKNOWN" | "DRAINING" | "DRAINED" };
  readonly reserved_resources_full?: Readonly<Record<string, readonly FullResource[]>>;
  readonly unreserved_resources_full?: readonly FullResource[];
  readonly used_resources_full?: readonly FullResource[];
}

/** An agent that was registered before the present master was elected, and has not come back. */
export interface RecoveredAgent {
  readonly id: string;
  readonly hostname: string;
  readonly attributes?: Readonly<Record<string, unknown>>;
}

/** The agents of `/slaves`. */
export interface MasterAgents<A extends MasterAgent = MasterAgent> {
  readonly agents: readonly A[];
  readonly recovered: readonly RecoveredAgent[];
}

const agentPort = 5051;

/** Where an agent listens: from its pid, else its host name and port. */
export function agentAddress(agent: MasterAgent): { readonly ip: string; readonly port: number } {
  const found = /@\[?([^\]@]+?)\]?:(\d+)$/.exec(agent.pid ?? "");
  if (found?.[1] !== undefined) return { ip: found[1], port: Number(found[2]) };
  return { ip: agent.hostname, port: agent.port ?? agentPort };
}
