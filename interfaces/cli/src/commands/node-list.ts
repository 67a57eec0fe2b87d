import type { CommandHandler } from "../command.ts";
import type { Output, Style } from "../output.ts";
import { isNamed, unknownNode } from "../find-node.ts";
import { done } from "../refusal.ts";
import { type Amount, type Node, readNodes } from "../nodes.ts";

/** `tutti node list [NAME…]`: the cluster's agents and what is used of them. */
export const nodeList: CommandHandler = async (session, names) => {
  const listed = await readNodes(session);
  if (!listed.ok) return listed;
  const { output } = session;
  const all = listed.value.nodes;
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
  if (nodes.some(({ status }) => status === "expected")) {
    output.note("expected: the master has begun anew and waits for this machine to come back.");
  }
  if (nodes.some(({ status }) => status === "gone")) {
    output.note("gone: removed from the cluster for ever; see ./tutti status.");
  }
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
  expected: "yellow",
  unregistered: "red",
  gone: "dim",
  deactivated: "yellow",
  draining: "yellow",
  drained: "yellow",
} as const satisfies Record<Node["status"], Style>;
