import { nearest } from "@tutti/base";
import type { AppInfo } from "@tutti/marathon-v2";
import { type Outcome, refused } from "./refusal.ts";
import type { Session } from "./session.ts";

/** There is no such app; perhaps one that is called nearly so. */
export async function unknownApp(session: Session, id: string): Promise<Outcome<never>> {
  const listed = await session.marathon.call<{ readonly apps: readonly AppInfo[] }>({
    path: "/v2/apps",
  });
  const ids = listed.ok ? listed.value.apps.map((app) => app.id) : [];
  const meant = nearest(id, ids) ?? ids.find((each) => each.endsWith(id));
  return refused("NOT_FOUND", `There is no app ${id}.`, {
    hint: meant === undefined ? "See ./tutti app list." : `Did you mean ${meant}?`,
  });
}

/** What Marathon answered about an app; that there is none, in words of use. */
export function orUnknownApp<T>(
  session: Session,
  id: string,
  answer: Outcome<T>,
): Outcome<T> | Promise<Outcome<T>> {
  return !answer.ok && answer.error.code === "NOT_FOUND" ? unknownApp(session, id) : answer;
}
