import { awaitDrain } from "../await-drain.ts";
import type { CommandHandler, CommandOptions } from "../command.ts";
import { findNode } from "../find-node.ts";
import type { NamedNode } from "../find-node.ts";
import { appsLeftShort, appsOn, type ShortApp } from "../left-short.ts";
import { limits } from "../limits.ts";
import { callAboutNode } from "../node-call.ts";
import { done, type Outcome } from "../refusal.ts";
import type { Session } from "../session.ts";

/**
 * `tutti node drain NODE`: all its tasks are ended, and their frameworks start others elsewhere. A machine that is being
 * drained as it was asked is waited for only; one that is drained already is told to be so.
 */
export const nodeDrain: CommandHandler = async (session, [text = ""], options) => {
  const found = await findNode(session, text);
  if (!found.ok) return found;
  const node = found.value;
  warnOfLast(session, node);
  const were = options.wait === false ? new Set<string>() : await appsOn(session, node.id);
  if (!isAskedAlready(node, options)) {
    const begun = await callAboutNode(session, node, drainCall(node, options));
    if (!begun.ok) return begun;
  }
  if (options.wait === false) return tellBegun(session, node);
  const waited = await awaitDrain(
    session,
    node,
    options.timeout ?? limits.deploymentTimeoutSeconds,
  );
  if (!waited.ok) return waited;
  return tellDrained(session, node, {
    status: waited.value,
    short: await appsLeftShort(session, { name: node.name, were }),
  });
};

/** Whether the machine is draining or drained, and nothing else is asked of it now. */
function isAskedAlready({ agent }: NamedNode, options: CommandOptions): boolean {
  return (
    agent?.drain_info !== undefined && options.grace === undefined && options.decommission !== true
  );
}

function drainCall({ id }: NamedNode, { grace, decommission }: CommandOptions): object {
  const nanoseconds = Math.round((grace ?? 0) * 1e9);
  const seconds = Math.floor(nanoseconds / 1e9);
  return {
    type: "DRAIN_AGENT",
    drain_agent: {
      agent_id: { value: id },
      ...(grace === undefined
        ? {}
        : { max_grace_period: { seconds, nanos: nanoseconds - seconds * 1e9 } }),
      ...(decommission === true ? { mark_gone: true } : {}),
    },
  };
}

/** Apps that need a machine of its kind have nowhere to go. */
function warnOfLast({ output }: Session, { name, isLast }: NamedNode): void {
  if (isLast === undefined) return;
  output.note(
    `${name} is the only ${isLast} machine in use: what needs one runs nowhere until another is there, or ${name} is used again.`,
  );
}

function tellBegun({ output }: Session, { id, name }: NamedNode): Outcome {
  output.json({ node: { id, name, status: "draining" } });
  output.line(`${name} is being drained. See ./tutti node list.`);
  return done;
}

function tellDrained(
  { output }: Session,
  { id, name }: NamedNode,
  { status, short }: { readonly status: "drained" | "gone"; readonly short: readonly ShortApp[] },
): Outcome {
  output.json({ node: { id, name, status }, short });
  if (status === "gone") {
    output.line(`${name} is drained and removed from the cluster.`);
  } else {
    output.line(`${name} is drained: nothing runs there, and nothing starts there.`);
    output.line(`Use it again with ./tutti node reactivate ${name}.`);
  }
  for (const app of short.slice(0, limits.shortAppsMax)) {
    const counts = `${String(app.running)} of ${String(app.instances)} instances run`;
    output.note(`${app.id} is left short, ${counts}: ${app.why}`);
  }
  const more = short.length - limits.shortAppsMax;
  if (more > 0) output.note(`And ${String(more)} more apps; see ./tutti app list.`);
  return done;
}
