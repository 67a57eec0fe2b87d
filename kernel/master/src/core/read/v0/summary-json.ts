import type { AgentId } from "@tutti/ids";
import type { TaskState } from "@tutti/mesos-v1";
import type { MasterConfig } from "../../config.ts";
import type { FrameworkTasks } from "../../entities.ts";
import type { MasterView } from "../../view.ts";
import { offeredTo, usedBy } from "../framework-view.ts";
import { frameworkHead } from "./framework-json.ts";
import type { Json } from "./resource-model.ts";
import { agentText } from "./state-json.ts";

/** The states that are counted, in the order in which they are shown. */
const countedStates = [
  "TASK_STAGING",
  "TASK_STARTING",
  "TASK_RUNNING",
  "TASK_KILLING",
  "TASK_FINISHED",
  "TASK_KILLED",
  "TASK_FAILED",
  "TASK_LOST",
  "TASK_ERROR",
  "TASK_UNREACHABLE",
] as const satisfies readonly TaskState[];

interface Tally {
  readonly counts: Map<TaskState, number>;
  readonly others: Set<string>;
}

/** `/state-summary`: numbers of tasks instead of tasks. */
export function stateSummaryText(config: MasterConfig, view: MasterView): string {
  const byAgent = new Map<string, Tally>();
  const frameworks = [...view.frameworks.values()].map((framework): Json => {
    const tally = emptyTally();
    countTasks(view.tasks.get(framework.id), framework.id, tally, byAgent);
    const sums = { used: usedBy(view, framework), offered: offeredTo(view, framework) };
    return { ...frameworkHead(framework, sums), ...countsOf(tally), slave_ids: [...tally.others] };
  });
  for (const { framework, tasks } of view.completedFrameworks.values()) {
    countTasks(tasks, framework.id, emptyTally(), byAgent);
  }
  const slaves = [...view.agents.values()].map((agent) => {
    const tally = byAgent.get(agent.id) ?? emptyTally();
    const rest = JSON.stringify({ ...countsOf(tally), framework_ids: [...tally.others] });
    return `${agentText(agent).slice(0, -1)},${rest.slice(1)}`;
  });
  const head = JSON.stringify({ hostname: config.hostname, cluster: config.clusterName });
  return `${head.slice(0, -1)},"slaves":[${slaves.join(",")}],"frameworks":${JSON.stringify(frameworks)}}`;
}

function countTasks(
  tasks: FrameworkTasks | undefined,
  frameworkId: string,
  tally: Tally,
  byAgent: Map<string, Tally>,
): void {
  const count = (state: TaskState, agentId: AgentId | string): void => {
    add(tally, state, agentId);
    const ofAgent = byAgent.get(agentId) ?? emptyTally();
    byAgent.set(agentId, ofAgent);
    add(ofAgent, state, frameworkId);
  };
  for (const task of tasks?.active.values() ?? []) count(task.state, task.agentId);
  for (const task of tasks?.unreachable.values() ?? []) count(task.state, task.agentId);
  for (const task of tasks?.completed.values() ?? []) count(task.state, task.agent_id.value);
}

function add(tally: Tally, state: TaskState, other: string): void {
  tally.counts.set(state, (tally.counts.get(state) ?? 0) + 1);
  tally.others.add(other);
}

function emptyTally(): Tally {
  return { counts: new Map(), others: new Set() };
}

function countsOf(tally: Tally): Json {
  return Object.fromEntries(countedStates.map((state) => [state, tally.counts.get(state) ?? 0]));
}
