import { limits } from "../limits.ts";
import type { Session } from "../session.ts";

/** The part of the `node` process's `/health` that tells how true its names are. */
interface TableHealth {
  readonly ageSeconds?: number;
  readonly held?: { readonly tasks: number; readonly reason: string };
}

/** Says, beside an answer, that names and virtual IPs are as they were a while ago, or are held. */
export async function tellAge({ node, output }: Session): Promise<void> {
  if (output.isJson) return;
  const answer = await node.call<TableHealth>({ path: "/health", timeoutMs: limits.problemsMs });
  if (!answer.ok) return;
  const { ageSeconds = 0, held } = answer.value;
  if (ageSeconds > limits.tableAgeSeconds) {
    output.note(
      `This is ${String(Math.round(ageSeconds))} s old: the master has not been heard since. See ./tutti status.`,
    );
  }
  if (held !== undefined) {
    output.note(`Names of ${String(held.tasks)} lost tasks are held: ${held.reason}.`);
  }
}
