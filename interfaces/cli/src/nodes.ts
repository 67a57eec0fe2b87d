import { agentAddress } from "@tutti/marathon-v2";
import type { AgentState } from "./agents.ts";
import type { ClusterFile } from "./target.ts";

/** Whether the master hears of an agent, and what an operator has said of it. */
export type NodeStatus =
  | "active"
  | "inactive"
  | "deactivated"
  | "draining"
  | "drained"
  | "unregistered";

/** An agent as `tutti node list --json` shows it. */
export interface Node {
  readonly name: string;
  readonly ip: string;
  /** Null while it has not registered with the master. */
  readonly id: string | null;
  readonly public: boolean;
  readonly status: NodeStatus;
  readonly cpus: Amount | null;
  /** MB. */
  readonly mem: Amount | null;
}

/** Of a resource: what is promised to tasks, and all of it. */
export interface Amount {
  readonly used: number;
  readonly total: number;
}

/** The agents the master knows, and those the cluster should have beside them. */
export function nodesOf(agents: readonly AgentState[], cluster: ClusterFile | undefined): Node[] {
  const names = new Map(cluster?.agents.map((agent) => [agent.ip, agent]) ?? []);
  const nodes = agents.map((agent): Node => {
    const { ip } = agentAddress(agent);
    const named = names.get(ip);
    names.delete(ip);
    return {
      name: named?.name ?? agent.hostname,
      ip,
      id: agent.id,
      public: named?.public ?? isPublic(agent),
      status: statusOf(agent),
      cpus: amountOf(agent, "cpus"),
      mem: amountOf(agent, "mem"),
    };
  });
  for (const { name, ip, public: isPublicAgent } of names.values()) {
    nodes.push({
      name,
      ip,
      id: null,
      public: isPublicAgent,
      status: "unregistered",
      cpus: null,
      mem: null,
    });
  }
  return nodes.toSorted((left, right) => (left.name < right.name ? -1 : 1));
}

function statusOf({ active, deactivated, drain_info: drain }: AgentState): NodeStatus {
  if (drain?.state === "DRAINING") return "draining";
  if (drain?.state === "DRAINED") return "drained";
  if (deactivated === true) return "deactivated";
  return active ? "active" : "inactive";
}

function isPublic(agent: AgentState): boolean {
  return String(agent.attributes?.["public_ip"]) === "true";
}

function amountOf(agent: AgentState, name: "cpus" | "mem"): Amount {
  return { used: agent.used_resources?.[name] ?? 0, total: agent.resources?.[name] ?? 0 };
}
