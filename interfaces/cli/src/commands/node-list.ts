import type { CommandHandler } from "../command.ts";
import type { Output, Style } from "../output.ts";
import { isNamed, unknownNode } from "../find-node.ts";
import { done } from "../refusal.ts";
import { readAgents } from "../agents.ts";
import { type Amount, type Node, nodesOf } from "../nodes.ts";

/** `tutti node list [NAME…]`: the cluster's agents and what is used of them. */
export const nodeList: CommandHandler = async (session, names) => {
  const agents = await readAgents(session);
  if (!agents.ok) return agents;
  const { output } = session;
  const all = nodesOf(agents.value, session.target.cluster);
  const unknown = names.find((name) => !all.some((node) => isNamed(node, name)));
  if (unknown !== undefined) return unknownNode(unknown, all);
  const nodes =
    names.length === 0 ? all : all.filter((node) => names.some((name) => isNamed(node, name)));
  output.json({ nodes });
  if (nodes.length === 0) {
    output.line("No agent has registered. See ./tutti status.");
    return done;
  }
  await output.table(
    ["name", "ip", "public", "status", "cpus used", "MB used", "id"],
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
  return output.style(styles[status], status);
}

const styles = {
  active: "green",
  inactive: "red",
  unregistered: "red",
  deactivated: "yellow",
  draining: "yellow",
  drained: "yellow",
} as const satisfies Record<Node["status"], Style>;
