import { ok } from "@tutti/base";
import type { AppInfo, MarathonInfo, Task } from "@tutti/marathon-v2";
import { type AgentState, agentUrl, readAgents } from "./agents.ts";
import { appPath, parseAppArgument } from "./app-path.ts";
import { type Outcome, refused } from "./refusal.ts";
import type { Service } from "./service.ts";
import type { Session } from "./session.ts";

/** A task whose log can be read. */
export interface LoggedTask {
  readonly id: string;
  /** That of the task, unless the task has an executor of its own. */
  readonly executorId: string;
  readonly frameworkId: string;
  readonly agentId: string;
}

/** What `TASK|APP` means. */
export type LogSubject =
  | { readonly type: "task"; readonly task: LoggedTask }
  | { readonly type: "app"; readonly path: string; readonly name: string };

/** What the CLI reads of a task in the master's `/tasks`. */
interface MasterTask {
  readonly id: string;
  readonly framework_id: string;
  readonly slave_id: string;
  /** Empty for a command task. */
  readonly executor_id?: string;
  readonly state: string;
}

/** A text that begins with `/` is an app; another is a task the master knows, also an ended one, or an app. */
export async function findSubject(session: Session, text: string): Promise<Outcome<LogSubject>> {
  if (!text.startsWith("/")) {
    const found = await findTask(session, text);
    if (!found.ok) return found;
    if (found.value !== undefined) return ok({ type: "task", task: loggedTaskOf(found.value) });
  }
  const id = parseAppArgument(text);
  const shown = id.ok ? await session.marathon.call({ path: appPath(id.value) }) : id;
  if (id.ok && shown.ok) return ok({ type: "app", path: appPath(id.value), name: id.value });
  if (!shown.ok && shown.error.code !== "NOT_FOUND" && shown.error.code !== "USAGE") return shown;
  return refused("NOT_FOUND", `There is no task and no app ${text}.`, {
    hint: "See ./tutti task list and ./tutti app list.",
  });
}

/** The tasks of an app that are there at this moment. */
export async function readAppTasks(
  session: Session,
  path: string,
): Promise<Outcome<readonly LoggedTask[]>> {
  const [info, listed] = await Promise.all([
    session.marathon.call<MarathonInfo>({ path: "/v2/info" }),
    session.marathon.call<{ readonly tasks: readonly Task[] }>({ path: `${path}/tasks` }),
  ]);
  if (!listed.ok) return listed;
  if (!info.ok) return info;
  const frameworkId = info.value.frameworkId ?? "";
  return ok(
    listed.value.tasks.map(({ id, slaveId }) => ({
      id,
      executorId: id,
      frameworkId,
      agentId: slaveId,
    })),
  );
}

/** The instance of an app that failed last, while its agent is known. */
export async function readLastFailed(
  session: Session,
  path: string,
): Promise<Outcome<LoggedTask | undefined>> {
  const [info, shown] = await Promise.all([
    session.marathon.call<MarathonInfo>({ path: "/v2/info" }),
    session.marathon.call<{ readonly app: AppInfo }>({ path: `${path}?embed=app.lastTaskFailure` }),
  ]);
  if (!shown.ok) return shown;
  if (!info.ok) return info;
  const failure = shown.value.app.lastTaskFailure;
  if (failure?.slaveId === undefined) return ok(undefined);
  const { taskId: id, slaveId: agentId } = failure;
  return ok({ id, executorId: id, frameworkId: info.value.frameworkId ?? "", agentId });
}

/** Whether a task has not ended. */
export async function isAlive(session: Session, task: LoggedTask): Promise<Outcome<boolean>> {
  const found = await findTask(session, task.id);
  if (!found.ok) return found;
  return ok(found.value !== undefined && aliveStates.has(found.value.state));
}

const aliveStates = new Set([
  "TASK_STAGING",
  "TASK_STARTING",
  "TASK_RUNNING",
  "TASK_KILLING",
  "TASK_UNREACHABLE",
]);

async function findTask(session: Session, id: string): Promise<Outcome<MasterTask | undefined>> {
  const answer = await session.master.call<{ readonly tasks: readonly MasterTask[] }>({
    path: `/tasks?task_id=${encodeURIComponent(id)}`,
  });
  return answer.ok ? ok(answer.value.tasks.find((task) => task.id === id)) : answer;
}

function loggedTaskOf(task: MasterTask): LoggedTask {
  const { id, executor_id: executorId = "" } = task;
  return {
    id,
    executorId: executorId === "" ? id : executorId,
    frameworkId: task.framework_id,
    agentId: task.slave_id,
  };
}

/** The agents' services by id, asked for once and again when one is missing. */
export class AgentServices {
  readonly #session: Session;
  #agents: readonly AgentState[] = [];

  constructor(session: Session) {
    this.#session = session;
  }

  /** The service of an agent; refuses when it is not registered. */
  async of(agentId: string): Promise<Outcome<Service>> {
    const known = this.#agents.find((agent) => agent.id === agentId);
    if (known !== undefined) return ok(this.#serviceOf(known));
    const read = await readAgents(this.#session);
    if (!read.ok) return read;
    this.#agents = read.value;
    const found = this.#agents.find((agent) => agent.id === agentId);
    if (found !== undefined) return ok(this.#serviceOf(found));
    return refused(
      "LOG_UNAVAILABLE",
      `Agent ${agentId} is not registered: its files cannot be read.`,
      {
        hint: "See ./tutti node list.",
      },
    );
  }

  #serviceOf(agent: AgentState): Service {
    return this.#session.service(`Agent ${agent.hostname}`, agentUrl(agent));
  }
}
