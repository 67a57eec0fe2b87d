import type { CommandHandler } from "../command.ts";
import { findNode, type NamedNode } from "../find-node.ts";
import { callAboutNode } from "../node-call.ts";
import { done, type Outcome } from "../refusal.ts";
import type { Session } from "../session.ts";

/** `tutti node deactivate NODE`: nothing starts there any more; what runs goes on. */
export const nodeDeactivate: CommandHandler = async (session, [text = ""]) => {
  const node = await findNode(session, text);
  if (!node.ok) return node;
  const { id, name, agent } = node.value;
  const drain = agent?.drain_info?.state;
  if (drain !== undefined) return tellDrain(session, node.value, drain === "DRAINED");
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

/** There is nothing to do: nothing starts on a machine that is drained, or being drained. */
function tellDrain({ output }: Session, { id, name }: NamedNode, isDrained: boolean): Outcome {
  output.json({ node: { id, name, status: isDrained ? "drained" : "draining" } });
  output.line(
    isDrained
      ? `${name} is drained already: nothing runs there, and nothing starts there.`
      : `${name} is being drained: nothing starts there any more, and what runs there is ended.`,
  );
  output.line(
    isDrained
      ? `Use it again with ./tutti node reactivate ${name}.`
      : `Wait for the end with ./tutti node drain ${name}.`,
  );
  return done;
}
