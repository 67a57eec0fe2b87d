import { type AppInfo, explainApp } from "@tutti/marathon-v2";
import { parseAppArgument } from "../app-path.ts";
import type { CommandHandler } from "../command.ts";
import { readAppFacts } from "../explain/read-facts.ts";
import { nearest } from "../nearest.ts";
import { done, type Outcome, refused } from "../refusal.ts";
import type { Session } from "../session.ts";

/** `tutti explain APP`: why it does not run, or not all of it, and what would help. */
export const explain: CommandHandler = async (session, [text = ""]) => {
  const id = parseAppArgument(text);
  if (!id.ok) return id;
  const facts = await readAppFacts(session, id.value);
  if (!facts.ok) {
    return facts.error.code === "NOT_FOUND" ? unknownApp(session, id.value) : facts;
  }
  const { output } = session;
  const { wanted, counts } = facts.value;
  const explanation = explainApp(facts.value);
  const running = counts.ready + counts.notReady;
  output.json({
    id: id.value,
    instances: { wanted, running, ready: counts.ready },
    ...explanation,
  });
  output.line(output.style("bold", explanation.summary));
  for (const detail of explanation.details) output.line(detail);
  for (const advice of explanation.advice) output.line(output.style("cyan", advice));
  return done;
};

/** There is no such app; perhaps one that is called nearly so. */
async function unknownApp(session: Session, id: string): Promise<Outcome> {
  const listed = await session.marathon.call<{ readonly apps: readonly AppInfo[] }>({
    path: "/v2/apps",
  });
  const ids = listed.ok ? listed.value.apps.map((app) => app.id) : [];
  const meant = nearest(id, ids) ?? ids.find((each) => each.endsWith(id));
  return refused("NOT_FOUND", `There is no app ${id}.`, {
    hint: meant === undefined ? "See ./tutti app list." : `Did you mean ${meant}?`,
  });
}
