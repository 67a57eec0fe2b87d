import { formatTimestamp, ok } from "@tutti/base";
import { agentAddress, type MarathonInfo } from "@tutti/marathon-v2";
import { type AgentState, readAgents } from "./agents.ts";
import { limits } from "./limits.ts";
import type { Outcome } from "./refusal.ts";
import type { Session } from "./session.ts";
import type { TaskSummary } from "./task-summary.ts";

/** What is read of a task in the master's `/tasks`. */
interface MasterTask {
  readonly id: string;
  readonly framework_id: string;
  readonly slave_id: string;
  readonly state: string;
  readonly resources?: { readonly ports?: string };
  readonly statuses?: readonly {
    readonly state: string;
    readonly timestamp?: number;
    readonly healthy?: boolean;
  }[];
}

/** Tasks that other frameworks than Marathon launched and that have not ended. */
export async function readForeignTasks(session: Session): Promise<Outcome<readonly TaskSummary[]>> {
  const { master, marathon } = session;
  const [listed, frameworks, agents, info] = await Promise.all([
    master.call<{ readonly tasks: readonly MasterTask[] }>({
      path: `/tasks?limit=${String(limits.foreignTasksMax)}`,
    }),
    master.call<{ readonly frameworks: readonly { readonly id: string; readonly name: string }[] }>(
      {
        path: "/frameworks",
      },
    ),
    readAgents(session),
    marathon.call<MarathonInfo>({ path: "/v2/info" }),
  ]);
  if (!listed.ok) return listed;
  if (!frameworks.ok) return frameworks;
  if (!agents.ok) return agents;
  const own = info.ok ? info.value.frameworkId : undefined;
  const names = new Map(frameworks.value.frameworks.map(({ id, name }) => [id, name]));
  const byId = new Map(agents.value.map((agent) => [agent.id, agent]));
  return ok(
    listed.value.tasks
      .filter((task) => task.framework_id !== own && aliveStates.has(task.state))
      .map((task) => summaryOf(task, names, byId)),
  );
}

const aliveStates = new Set([
  "TASK_STAGING",
  "TASK_STARTING",
  "TASK_RUNNING",
  "TASK_KILLING",
  "TASK_UNREACHABLE",
]);

function summaryOf(
  { id, framework_id: frameworkId, slave_id: agentId, state, resources, statuses = [] }: MasterTask,
  names: ReadonlyMap<string, string>,
  agents: ReadonlyMap<string, AgentState>,
): TaskSummary {
  const agent = agents.get(agentId);
  const started = statuses.find((status) => status.state === "TASK_RUNNING")?.timestamp;
  return {
    id,
    appId: null,
    framework: names.get(frameworkId) ?? frameworkId,
    state,
    healthy: statuses.at(-1)?.healthy ?? null,
    host: agent === undefined ? agentId : agentAddress(agent).ip,
    ports: portsOf(resources?.ports ?? ""),
    agentId,
    startedAt: started === undefined ? null : formatTimestamp(started * 1000),
    version: null,
  };
}

/** The ports of `[31000-31001, 31005-31005]`, the first few. */
function portsOf(text: string): readonly number[] {
  const ports: number[] = [];
  for (const [, begin, end] of text.matchAll(/(\d+)-(\d+)/g)) {
    for (let port = Number(begin); port <= Number(end); port += 1) {
      if (ports.length >= limits.foreignPortsMax) return ports;
      ports.push(port);
    }
  }
  return ports;
}
