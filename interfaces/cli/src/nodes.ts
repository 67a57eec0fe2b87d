import { ok } from "@tutti/base";
import { agentAddress } from "@tutti/marathon-v2";
import { readAgentLists } from "./agents.ts";
import type { AgentLists, AgentState } from "./agents.ts";
import type { Outcome } from "./refusal.ts";
import type { Session } from "./session.ts";
import type { ClusterFile } from "./target.ts";

/**
 * Whether the master hears of an agent, and what an operator has said of it. `expected`: it was registered with the
 * master before, which has begun anew and waits for it. `gone`: it was removed for ever.
 */
export type NodeStatus =
  | "active"
  | "inactive"
  | "deactivated"
  | "draining"
  | "drained"
  | "expected"
  | "unregistered"
  | "gone";

/** An agent as `tutti node list --json` shows it. */
export interface Node {
  readonly name: string;
  readonly ip: string;
  /** Null of one that has not registered with the master, and of one that is gone. */
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

/** All machines, and the agents that are registered among them. */
export interface NodeList {
  readonly nodes: readonly Node[];
  readonly agents: readonly AgentState[];
}

/** The machines as the master, `cluster.json` and the launcher know them at this moment. */
export async function readNodes(session: Session): Promise<Outcome<NodeList>> {
  const lists = await readAgentLists(session);
  if (!lists.ok) return lists;
  const gone = await readGone(session, lists.value);
  return ok({
    nodes: nodesOf(lists.value, session.target.cluster, gone),
    agents: lists.value.agents,
  });
}

/** The names of machines that were removed for ever; asked for only where machines are missing. */
export async function readGone(
  { context, target }: Pick<Session, "context" | "target">,
  lists: AgentLists,
): Promise<ReadonlySet<string>> {
  const isMissing = nodesOf(lists, target.cluster).some(({ status }) => status === "unregistered");
  const { dir } = target;
  if (!isMissing || dir === undefined || context.goneMachines === undefined) return new Set();
  return new Set(await context.goneMachines(dir));
}

/** The agents the master knows or waits for, and those the cluster should have beside them. */
export function nodesOf(
  { agents, recovered }: AgentLists,
  cluster: ClusterFile | undefined,
  gone: ReadonlySet<string> = new Set(),
): Node[] {
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
  const unknown = { id: null, cpus: null, mem: null };
  for (const agent of recovered) {
    const ip = agent.hostname;
    const named = names.get(ip);
    names.delete(ip);
    nodes.push({
      ...unknown,
      name: named?.name ?? ip,
      ip,
      id: agent.id,
      public: named?.public ?? isPublic(agent),
      status: "expected",
    });
  }
  for (const { name, ip, public: isPublicAgent } of names.values()) {
    const status = gone.has(name) ? "gone" : "unregistered";
    nodes.push({ ...unknown, name, ip, public: isPublicAgent, status });
  }
  return nodes.toSorted((left, right) => (left.name < right.name ? -1 : 1));
}

function statusOf({ active, deactivated, drain_info: drain }: AgentState): NodeStatus {
  if (drain?.state === "DRAINING") return "draining";
  if (drain?.state === "DRAINED") return "drained";
  if (deactivated === true) return "deactivated";
  return active ? "active" : "inactive";
}

function isPublic(agent: Pick<AgentState, "attributes">): boolean {
  return String(agent.attributes?.["public_ip"]) === "true";
}

function amountOf(agent: AgentState, name: "cpus" | "mem"): Amount {
  return { used: agent.used_resources?.[name] ?? 0, total: agent.resources?.[name] ?? 0 };
}
