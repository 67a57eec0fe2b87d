import type { CommandHandler } from "../command.ts";
import type { Output } from "../output.ts";
import { done } from "../refusal.ts";
import { type AgentState, agentAddress, readAgents } from "../agents.ts";
import type { ClusterFile } from "../target.ts";

/** `tutti node list`: the cluster's agents and what is used of them. */
export const nodeList: CommandHandler = async (session) => {
  const agents = await readAgents(session);
  if (!agents.ok) return agents;
  const { output } = session;
  const nodes = nodesOf(agents.value, session.target.cluster);
  output.json({ nodes });
  if (nodes.length === 0) {
    output.line("No agent has registered. See ./tutti status.");
    return done;
  }
  await output.table(
    ["name", "ip", "public", "status", "cpus used", "mem used", "id"],
    nodes.map((node) => [
      node.name,
      node.ip,
      node.public ? "yes" : "no",
      styledStatus(output, node.status),
      usage(node.cpus),
      usage(node.mem),
      node.id ?? "-",
    ]),
  );
  return done;
};

/** An agent as `tutti node list --json` shows it. */
interface Node {
  readonly name: string;
  readonly ip: string;
  /** Null while it has not registered with the master. */
  readonly id: string | null;
  readonly public: boolean;
  readonly status: "active" | "inactive" | "unregistered";
  readonly cpus: Amount | null;
  /** MB. */
  readonly mem: Amount | null;
}

interface Amount {
  readonly used: number;
  readonly total: number;
}

/** The agents the master knows, and those the cluster should have beside them. */
function nodesOf(agents: readonly AgentState[], cluster: ClusterFile | undefined): Node[] {
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
      status: agent.active ? "active" : "inactive",
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

function isPublic(agent: AgentState): boolean {
  return String(agent.attributes?.["public_ip"]) === "true";
}

function amountOf(agent: AgentState, name: "cpus" | "mem"): Amount {
  return { used: agent.used_resources?.[name] ?? 0, total: agent.resources?.[name] ?? 0 };
}

function usage(amount: Amount | null): string {
  if (amount === null) return "-";
  return `${rounded(amount.used)} of ${rounded(amount.total)}`;
}

function rounded(value: number): string {
  return String(Math.round(value * 100) / 100);
}

function styledStatus(output: Output, status: Node["status"]): string {
  return output.style(status === "active" ? "green" : "red", status);
}
