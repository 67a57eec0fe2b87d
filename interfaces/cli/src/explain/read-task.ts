import { ok } from "@tutti/base";
import { agentAddress, type MarathonInfo, type Task } from "@tutti/marathon-v2";
import { type AgentState, readAgentLists } from "../agents.ts";
import { limits } from "../limits.ts";
import { MachineNames } from "../machine-names.ts";
import type { Outcome } from "../refusal.ts";
import type { Session } from "../session.ts";
import type { TaskFacts } from "./explain-task.ts";

/** A status in the master's `/tasks`; seconds since 1970. */
interface MasterStatus {
  readonly state: string;
  readonly timestamp?: number;
  readonly healthy?: boolean;
}

/** What is read of a task in the master's `/tasks`. */
interface MasterTask {
  readonly id: string;
  readonly framework_id: string;
  readonly slave_id: string;
  readonly state: string;
  readonly statuses?: readonly MasterStatus[];
}

/** A task in the answer to GET_TASKS, which tells reasons, unlike `/tasks`. */
interface OperatorTask {
  readonly task_id: { readonly value: string };
  readonly framework_id: { readonly value: string };
  readonly statuses?: readonly { readonly message?: string; readonly reason?: string }[];
}

/** The facts about a task of any framework; undefined: the master knows none of this id. */
export async function readTaskFacts(
  session: Session,
  id: string,
): Promise<Outcome<TaskFacts | undefined>> {
  const found = await session.master.call<{ readonly tasks: readonly MasterTask[] }>({
    path: `/tasks?task_id=${encodeURIComponent(id)}`,
  });
  if (!found.ok) return found;
  const own = found.value.tasks.filter((task) => task.id === id);
  const task = own.find(({ state }) => aliveStates.has(state)) ?? own[0];
  if (task === undefined) return ok(undefined);
  const [framework, machine, said, appId] = await Promise.all([
    readFramework(session, task.framework_id),
    readMachine(session, task.slave_id),
    task.state === "TASK_RUNNING" && lastStatus(task)?.healthy !== false
      ? {}
      : readLastWord(session, task),
    readAppId(session, task),
  ]);
  const last = lastStatus(task);
  const { timestamp } = last ?? {};
  return ok({
    id,
    nowMs: Date.now(),
    state: task.state,
    machine,
    ...framework,
    ...(timestamp === undefined ? {} : { sinceMs: timestamp * 1000 }),
    ...(last?.healthy === undefined ? {} : { healthy: last.healthy }),
    ...said,
    ...(appId === undefined ? {} : { appId }),
  });
}

const aliveStates = new Set(["TASK_STAGING", "TASK_STARTING", "TASK_RUNNING", "TASK_KILLING"]);

function lastStatus({ statuses = [] }: MasterTask): MasterStatus | undefined {
  return statuses.toSorted((one, other) => (one.timestamp ?? 0) - (other.timestamp ?? 0)).at(-1);
}

async function readFramework(
  session: Session,
  id: string,
): Promise<Pick<TaskFacts, "framework" | "isFrameworkAway">> {
  type Framework = { readonly id: string; readonly name: string; readonly connected?: boolean };
  const answer = await session.master.call<{
    readonly frameworks?: readonly Framework[];
    readonly completed_frameworks?: readonly Framework[];
  }>({ path: `/frameworks?framework_id=${encodeURIComponent(id)}` });
  const { frameworks = [], completed_frameworks: ended = [] } = answer.ok ? answer.value : {};
  const here = frameworks.find((each) => each.id === id);
  const found = here ?? ended.find((each) => each.id === id);
  return {
    framework: found?.name ?? `framework ${id}`,
    isFrameworkAway: here?.connected === false,
  };
}

async function readMachine(session: Session, agentId: string): Promise<string> {
  const lists = await readAgentLists(session, limits.explainMasterMs);
  const agents: readonly AgentState[] = lists.ok ? lists.value.agents : [];
  const agent = agents.find((each) => each.id === agentId);
  if (agent === undefined) return `agent ${agentId}`;
  return new MachineNames(session.target.cluster).nameOf(agentAddress(agent).ip);
}

async function readLastWord(
  session: Session,
  task: MasterTask,
): Promise<Pick<TaskFacts, "message" | "cause">> {
  const answer = await session.master.call<{
    readonly get_tasks?: Readonly<Record<string, readonly OperatorTask[]>>;
  }>({ method: "POST", path: "/api/v1", json: { type: "GET_TASKS" } });
  if (!answer.ok) return {};
  const all = Object.values(answer.value.get_tasks ?? {}).flat();
  const found = all.find(
    (each) => each.task_id.value === task.id && each.framework_id.value === task.framework_id,
  );
  const { message, reason: cause } = found?.statuses?.at(-1) ?? {};
  return {
    ...(message === undefined ? {} : { message }),
    ...(cause === undefined ? {} : { cause }),
  };
}

/** The app of a task that Marathon launched and still knows. */
async function readAppId(session: Session, task: MasterTask): Promise<string | undefined> {
  const info = await session.marathon.call<MarathonInfo>({ path: "/v2/info" });
  if (!info.ok || info.value.frameworkId !== task.framework_id) return undefined;
  const listed = await session.marathon.call<{ readonly tasks: readonly Task[] }>({
    path: "/v2/tasks",
  });
  return listed.ok ? listed.value.tasks.find(({ id }) => id === task.id)?.appId : undefined;
}
