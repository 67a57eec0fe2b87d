import type { CommandHandler } from "../command.ts";
import { findNode } from "../find-node.ts";
import { callAboutNode } from "../node-call.ts";
import { done } from "../refusal.ts";

/** `tutti node reactivate NODE`: the end of a drain or a deactivation. */
export const nodeReactivate: CommandHandler = async (session, [text = ""]) => {
  const node = await findNode(session, text);
  if (!node.ok) return node;
  const { id, name } = node.value;
  const reactivated = await callAboutNode(session, node.value, {
    type: "REACTIVATE_AGENT",
    reactivate_agent: { agent_id: { value: id } },
  });
  if (!reactivated.ok) return reactivated;
  const { output } = session;
  output.json({ node: { id, name, status: "active" } });
  output.line(`${name} is in use again.`);
  return done;
};
