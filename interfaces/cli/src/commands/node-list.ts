import type { CommandHandler } from "../command.ts";
import type { Output } from "../output.ts";
import { done } from "../refusal.ts";
import { readAgents } from "../agents.ts";
import { type Amount, type Node, nodesOf } from "../nodes.ts";

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
