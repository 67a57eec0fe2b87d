import { nearest, ok } from "@tutti/base";
import type { AgentState } from "./agents.ts";
import { readNodes } from "./nodes.ts";
import type { Node } from "./nodes.ts";
import { type Outcome, refused } from "./refusal.ts";
import type { Session } from "./session.ts";

/** An agent that a user named, as far as the master shows it. */
export interface NamedNode {
  readonly id: string;
  /** What to call it. */
  readonly name: string;
  /** Absent: the master hears nothing of it at present. */
  readonly agent?: AgentState;
  /** It is in use, and no other machine of its kind is. */
  readonly isLast?: "public" | "private";
}

/** Whether a text is all of an agent's name, address or id. */
export function isNamed({ name, ip, id }: Node, text: string): boolean {
  return name === text || ip === text || id === text;
}

/** There is no such machine. */
export function unknownNode(text: string, nodes: readonly Node[]): ReturnType<typeof refused> {
  const meant = nearest(
    text,
    nodes.map((node) => node.name),
  );
  return refused("NOT_FOUND", `There is no machine ${text}.`, {
    hint: meant === undefined ? "See ./tutti node list." : `Did you mean ${meant}?`,
  });
}

/**
 * The agent that a name, an address, an id or the beginning of exactly one of them means. A whole id of an agent that
 * the master does not show is taken as it is: the machine may be off for maintenance.
 */
export async function findNode(session: Session, text: string): Promise<Outcome<NamedNode>> {
  const listed = await readNodes(session);
  if (!listed.ok) return listed;
  const { nodes, agents } = listed.value;
  const exact = nodes.filter((node) => isNamed(node, text));
  const found =
    exact.length > 0 || text === "" ? exact : nodes.filter((node) => begins(node, text));
  const [node, ...others] = found;
  if (node === undefined) {
    return wholeId.test(text) ? ok({ id: text, name: text }) : unknownNode(text, nodes);
  }
  if (others.length > 0) {
    const names = found.map(({ name, id }) => `${name} (${id ?? "-"})`).join(", ");
    return refused("INVALID", `${text} means several machines: ${names}.`, {
      hint: "Give more of its name, or its id.",
    });
  }
  const { id, name, status } = node;
  if (status === "gone") return removedNode(name);
  if (id === null) {
    return refused("NOT_FOUND", `The agent of ${name} has not registered with the master.`, {
      hint: "See ./tutti status. An agent that was registered and is off is named by its id.",
    });
  }
  const agent = agents.find((each) => each.id === id);
  const isLast = isLastOfKind(node, nodes);
  return ok({
    id,
    name,
    ...(agent === undefined ? {} : { agent }),
    ...(isLast ? { isLast: node.public ? "public" : "private" } : {}),
  });
}

/** It was removed for ever. */
export function removedNode(name: string): ReturnType<typeof refused> {
  return refused("NOT_FOUND", `${name} was removed from the cluster for ever.`, {
    hint: "It comes back as a new machine when its work directory is empty: see ./tutti status.",
  });
}

/** As masters give them: `<master id>-S<n>`. */
const wholeId = /^[0-9a-f]{8}-[0-9a-f-]{27}-S\d+$/;

function isLastOfKind(node: Node, nodes: readonly Node[]): boolean {
  const inUse = nodes.filter((each) => each.status === "active" && each.public === node.public);
  return inUse.length === 1 && inUse[0] === node;
}

function begins({ name, ip, id }: Node, text: string): boolean {
  return [name, ip, id ?? ""].some((each) => each.startsWith(text));
}
