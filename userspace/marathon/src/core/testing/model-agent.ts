import type { Resource, TaskInfo, TaskState, TaskStatus } from "@tutti/mesos-v1";

/** An agent of the model. */
export interface ModelAgent {
  readonly id: string;
  readonly host: string;
  readonly cpus: number;
  readonly memMb: number;
  readonly role: string;
  readonly attributes: Readonly<Record<string, string>>;
  reachable: boolean;
}

/** A task on an agent of the model. */
export interface ModelTask {
  readonly info: TaskInfo;
  readonly agent: ModelAgent;
  state: TaskState;
  /** When it goes on by itself: from staging to running, from killing to killed. */
  nextAtMs: number | undefined;
  healthy: boolean | undefined;
  failures: number;
}

/** How tasks of the model behave. */
export interface ModelBehaviour {
  /** From launch to TASK_RUNNING. */
  startMs: number;
  /** From TASK_KILLING to TASK_KILLED. */
  stopMs: number;
  /** From TASK_RUNNING to the first passed health check. */
  healthyAfterMs: number;
}

/** An agent with 4 cpus and 4096 MB, unless it is to be otherwise. */
export function modelAgent(agent: Partial<ModelAgent> & { readonly host: string }): ModelAgent {
  return {
    id: `agent-${agent.host}`,
    cpus: 4,
    memMb: 4096,
    role: "*",
    attributes: {},
    reachable: true,
    ...agent,
  };
}

/** Whether a task of the model has not ended. */
export function isAlive(state: TaskState): boolean {
  return ["TASK_STAGING", "TASK_STARTING", "TASK_RUNNING", "TASK_KILLING"].includes(state);
}

/** What a task does next by itself; returns what its agent says of it. */
export function moveOn(
  task: ModelTask,
  nowMs: number,
  { healthyAfterMs }: ModelBehaviour,
): Partial<TaskStatus> | undefined {
  task.nextAtMs = undefined;
  switch (task.state) {
    case "TASK_STAGING":
      task.state = "TASK_RUNNING";
      if (task.info.health_check !== undefined) task.nextAtMs = nowMs + healthyAfterMs;
      return {};
    case "TASK_RUNNING":
      task.healthy = true;
      return { healthy: true, reason: "REASON_TASK_HEALTH_CHECK_STATUS_UPDATED" };
    case "TASK_KILLING":
      task.state = "TASK_KILLED";
      return { message: "Command terminated with signal Terminated" };
    default:
      return undefined;
  }
}

/** The master's answer to a launch from an offer that is no more. */
export function statusOfDropped(info: TaskInfo): TaskStatus {
  return {
    task_id: info.task_id,
    agent_id: info.agent_id,
    state: "TASK_DROPPED",
    reason: "REASON_INVALID_OFFERS",
  };
}

/** The master's answer about a task that it does not know: gone for sure only where its agent is there. */
export function statusOfMissing(
  taskId: TaskStatus["task_id"],
  agent: ModelAgent | undefined,
  agentId: TaskStatus["agent_id"],
): TaskStatus {
  return {
    task_id: taskId,
    ...(agentId === undefined ? {} : { agent_id: agentId }),
    state: agent?.reachable === true ? "TASK_GONE" : "TASK_UNKNOWN",
    reason: "REASON_RECONCILIATION",
  };
}

/** What an agent offers to a role. */
export function resourcesOf(agent: ModelAgent, cpus: number, role: string): readonly Resource[] {
  const common = {
    allocation_info: { role },
    ...(agent.role === "*"
      ? {}
      : { reservations: [{ type: "STATIC" as const, role: agent.role }] }),
  };
  return [
    { ...common, name: "cpus", type: "SCALAR", scalar: { value: cpus } },
    { ...common, name: "mem", type: "SCALAR", scalar: { value: agent.memMb } },
    { ...common, name: "disk", type: "SCALAR", scalar: { value: 10_000 } },
    {
      ...common,
      name: "ports",
      type: "RANGES",
      ranges: { range: [{ begin: 31_000, end: 32_000 }] },
    },
  ];
}
