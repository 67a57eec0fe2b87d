import { ok } from "@tutti/base";
import { readAgent } from "./agents.ts";
import type { AgentState } from "./agents.ts";
import type { NamedNode } from "./find-node.ts";
import { limits } from "./limits.ts";
import { pause } from "./pause.ts";
import { type Outcome, refused } from "./refusal.ts";
import type { Session } from "./session.ts";

/** Waits until a machine is drained or gone for ever, telling how far it is. */
export async function awaitDrain(
  session: Session,
  node: NamedNode,
  timeoutSeconds: number,
): Promise<Outcome<"drained" | "gone">> {
  const { name, id } = node;
  const startedMs = performance.now();
  let seenMs = startedMs;
  let told = "";
  for (;;) {
    const seen = await readAgent(session, id);
    const nowMs = performance.now();
    let text = "the master cannot be reached, trying again";
    if (seen.ok) {
      seenMs = nowMs;
      const { agent, isGone } = seen.value;
      if (isGone) return ok("gone");
      if (agent?.drain_info?.state === "DRAINED") return ok("drained");
      text = await progressOf(session, agent, id);
    } else if (seen.error.code === "INTERRUPTED") {
      return interrupted(name);
    } else if (seen.error.code !== "UNREACHABLE" || nowMs - seenMs > limits.awayMsMax) {
      return seen;
    }
    if (nowMs - startedMs > timeoutSeconds * 1000) {
      return refused(
        "DRAIN_TIMEOUT",
        `${name} is not drained within ${String(timeoutSeconds)} s; the drain goes on: ${text}.`,
        { hint: "See ./tutti node list, and ./tutti task list for what is left there." },
      );
    }
    if (text !== told || session.output.isProgressLive) session.output.progress(`${name}: ${text}`);
    told = text;
    if (!(await pause(limits.pollIntervalMs, session.signal))) return interrupted(name);
  }
}

const endedStates = /^TASK_(FINISHED|FAILED|KILLED|ERROR|LOST|DROPPED|GONE|GONE_BY_OPERATOR)$/;

/** What is left there, in a sentence without its full stop. */
async function progressOf(
  session: Session,
  agent: AgentState | undefined,
  id: string,
): Promise<string> {
  if (agent === undefined)
    return "waiting for the machine to come back; the master does not hear of it";
  const answer = await session.master.call<TaskList>({
    path: `/tasks?limit=${String(limits.portTasksMax)}`,
  });
  if (!answer.ok) return "draining";
  const here = answer.value.tasks.filter((task) => task.slave_id === id);
  const left = here.filter(({ state }) => !endedStates.test(state)).length;
  return left === 0
    ? "waiting until the ends of its tasks are acknowledged"
    : `${String(left)} ${left === 1 ? "task" : "tasks"} to end`;
}

interface TaskList {
  readonly tasks: readonly { readonly slave_id: string; readonly state: string }[];
}

function interrupted(name: string): ReturnType<typeof refused> {
  return refused("INTERRUPTED", `Interrupted; the drain of ${name} goes on.`, {
    hint: `Wait for its end with ./tutti node drain ${name}.`,
  });
}
