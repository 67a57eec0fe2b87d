import type { CommandHandler } from "../command.ts";
import { findNode } from "../find-node.ts";
import { callAboutNode } from "../node-call.ts";
import { done } from "../refusal.ts";

/** `tutti node deactivate NODE`: nothing starts there any more; what runs goes on. */
export const nodeDeactivate: CommandHandler = async (session, [text = ""]) => {
  const node = await findNode(session, text);
  if (!node.ok) return node;
  const { id, name } = node.value;
  const deactivated = await callAboutNode(session, node.value, {
    type: "DEACTIVATE_AGENT",
    deactivate_agent: { agent_id: { value: id } },
  });
  if (!deactivated.ok) return deactivated;
  const { output } = session;
  output.json({ node: { id, name, status: "deactivated" } });
  output.line(`Nothing starts on ${name} any more; what runs there goes on.`);
  output.line(`Use it again with ./tutti node reactivate ${name}.`);
  return done;
};
