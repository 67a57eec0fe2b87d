import { ok } from "@tutti/base";
import { readAgentLists } from "./agents.ts";
import type { AgentState } from "./agents.ts";
import type { NamedNode } from "./find-node.ts";
import { limits } from "./limits.ts";
import { pause } from "./pause.ts";
import { type Outcome, refused } from "./refusal.ts";
import type { Session } from "./session.ts";

/** Waits until a machine is drained, or gone when it is to leave, telling how far it is. */
export async function awaitDrain(
  session: Session,
  node: NamedNode,
  how: { readonly timeoutSeconds: number; readonly isLeaving: boolean },
): Promise<Outcome<"drained" | "gone">> {
  const { name, id } = node;
  const startedMs = performance.now();
  let seenMs = startedMs;
  let told = "";
  for (;;) {
    const lists = await readAgentLists(session);
    const nowMs = performance.now();
    let text = "the master cannot be reached, trying again";
    if (lists.ok) {
      seenMs = nowMs;
      const agent = lists.value.agents.find((each) => each.id === id);
      const isExpected = lists.value.recovered.some((each) => each.id === id);
      const end = endOf(agent, isExpected, how.isLeaving);
      if (end !== undefined) return ok(end);
      text = await progressOf(session, agent, id);
    } else if (lists.error.code === "INTERRUPTED") {
      return interrupted(name);
    } else if (lists.error.code !== "UNREACHABLE" || nowMs - seenMs > limits.awayMsMax) {
      return lists;
    }
    if (nowMs - startedMs > how.timeoutSeconds * 1000) {
      return refused(
        "DRAIN_TIMEOUT",
        `${name} is not drained within ${String(how.timeoutSeconds)} s; the drain goes on: ${text}.`,
        { hint: "See ./tutti node list, and ./tutti task list for what is left there." },
      );
    }
    if (text !== told || session.output.isProgressLive) session.output.progress(`${name}: ${text}`);
    told = text;
    if (!(await pause(limits.pollIntervalMs, session.signal))) return interrupted(name);
  }
}

/** Undefined: the drain goes on. */
function endOf(
  agent: AgentState | undefined,
  isExpected: boolean,
  isLeaving: boolean,
): "drained" | "gone" | undefined {
  if (agent === undefined) return isLeaving && !isExpected ? "gone" : undefined;
  return agent.drain_info?.state === "DRAINED" ? "drained" : undefined;
}

const endedStates = /^TASK_(FINISHED|FAILED|KILLED|ERROR|LOST|DROPPED|GONE|GONE_BY_OPERATOR)$/;

/** What is left there, in a sentence without its full stop. */
async function progressOf(
  session: Session,
  agent: AgentState | undefined,
  id: string,
): Promise<string> {
  if (agent === undefined) return "waiting for the machine, which the master does not hear of";
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
