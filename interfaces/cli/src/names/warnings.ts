import { discoveryPaths, type Problem } from "@tutti/discovery-v1";
import type { AppInfo } from "@tutti/marathon-v2";
import { limits } from "../limits.ts";
import type { Session } from "../session.ts";

/** Warnings that are told beside what a command does, each once. */
export class ToldWarnings {
  readonly #output: Session["output"];
  readonly #told = new Set<string>();

  constructor(output: Session["output"]) {
    this.#output = output;
  }

  tell(texts: readonly string[]): void {
    for (const text of texts) {
      if (this.#told.has(text)) continue;
      this.#told.add(text);
      this.#output.note(`Warning: ${text}`);
    }
  }
}

/** What Marathon says of a definition, which it knows at once. */
export function ownWarnings(app: AppInfo): readonly string[] {
  return (app.warnings ?? []).map(({ message }) => message);
}

/**
 * What is wrong with the names and virtual IPs of an app's definition: what Marathon says of its id, and what
 * discovery says of its tasks' labels. Nobody is waited for long; who does not answer has no complaint.
 */
export async function readWarnings(session: Session, app: AppInfo): Promise<readonly string[]> {
  const own = ownWarnings(app);
  const name = app.id.slice(1).split("/").toReversed().join(".");
  const answer = await session.node.call<{ readonly problems?: readonly Problem[] }>({
    path: `${discoveryPaths.problems}?name=${encodeURIComponent(name)}`,
    timeoutMs: limits.problemsMs,
  });
  if (!answer.ok) return own;
  const tasks = new Set((app.tasks ?? []).map(({ id }) => id));
  const found = (answer.value.problems ?? []).filter(({ taskId }) => tasks.has(taskId));
  return [...new Set([...own, ...found.map(({ message }) => sentenceOf(message))])];
}

function sentenceOf(message: string): string {
  const text = message.replace(/^label\b/, "Label");
  return text.endsWith(".") ? text : `${text}.`;
}
