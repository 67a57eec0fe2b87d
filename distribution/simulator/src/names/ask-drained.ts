import type { AgentEffect, AgentEvent } from "@tutti/agent/core";
import type { SimulatedNode } from "@tutti/testkit";
import type { Site } from "../site.ts";
import { drainedQuestions } from "./services.ts";

type DrainEffect = Extract<AgentEffect, { readonly type: "awaitDrained" }>;

const drainAskMsMax = 2_000;
const drainPauseMs = 200;

/** Asks discovery, as the agent's shell does, whether every machine has stopped leading connections to a task. */
export function askDrained(
  site: Site,
  node: SimulatedNode,
  { effect, tell }: { readonly effect: DrainEffect; readonly tell: (event: AgentEvent) => void },
): void {
  const { containerId, frameworkId, taskId, waitMs } = effect;
  const untilMs = node.clock.monoMs() + waitMs;
  const ask = (): void => {
    if (node.clock.monoMs() >= untilMs) return;
    const question = { frameworkId, taskId, waitMs: drainAskMsMax };
    site.network.call(node, "discovery", drainedQuestions, question, (outcome) => {
      if (node.clock.monoMs() >= untilMs) return;
      if (outcome.type === "answered" && outcome.answer.drained)
        tell({ type: "taskDrained", containerId });
      else node.clock.after(drainPauseMs, ask);
    });
  };
  ask();
}
