/** A master for tests, in the JSON of its operator stream: agents with tasks, failovers, partitions. */

/** A task as its framework defined it, and how it is. */
export interface ModelTask {
  readonly frameworkId: string;
  readonly taskId: string;
  readonly name: string;
  readonly agentId: string;
  readonly hostPort: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly isChecked: boolean;
  state: string;
  healthy: boolean | undefined;
  /** Its agent tells of it without the statuses that spoke of its health and addresses. */
  isSilent?: boolean;
}

type Json = Readonly<Record<string, unknown>>;

const terminal = new Set(["TASK_FINISHED", "TASK_FAILED", "TASK_KILLED"]);

/** The truth about a cluster, what its present master knows of it, and what it tells its subscriber. */
export class ModelMaster {
  readonly tasks = new Map<string, ModelTask>();
  readonly #agents: readonly string[];
  readonly #frameworks: ReadonlyMap<string, string>;
  /** Agents that the present master knows. */
  readonly #registered = new Set<string>();
  readonly #unreachable = new Set<string>();
  /** Agents of the registry that were given up before they came back. */
  readonly #givenUp = new Set<string>();

  constructor(agents: readonly string[], frameworks: ReadonlyMap<string, string>) {
    this.#agents = agents;
    this.#frameworks = frameworks;
    for (const id of agents) this.#registered.add(id);
  }

  isKnown(agentId: string): boolean {
    return this.#registered.has(agentId);
  }

  /** The first record of a stream. */
  snapshot(): Json {
    const shown = (agentId: string): boolean => this.#registered.has(agentId);
    const tasks = [...this.tasks.values()];
    return {
      type: "SUBSCRIBED",
      subscribed: {
        get_state: {
          get_tasks: {
            tasks: tasks.filter(({ agentId }) => shown(agentId)).map(taskJson),
            unreachable_tasks: tasks
              .filter(({ agentId }) => this.#unreachable.has(agentId))
              .map((task) => ({ ...taskJson(task), state: "TASK_UNREACHABLE" })),
            completed_tasks: [],
          },
          get_agents: {
            agents: this.#agents.filter(shown).map(agentJson),
            recovered_agents: this.#agents
              .filter((id) => !shown(id) && !this.#unreachable.has(id) && !this.#givenUp.has(id))
              .map((id) => agentJson(id)["agent_info"]),
          },
          get_frameworks: { frameworks: [...this.#frameworks].map(frameworkJson) },
        },
      },
    };
  }

  /** Launches a task; its agent is one that the master knows. */
  launch(task: ModelTask): readonly Json[] {
    this.tasks.set(task.taskId, task);
    return [{ type: "TASK_ADDED", task_added: { task: taskJson(task) } }];
  }

  /** A task changes on its agent; the master tells it when it knows the agent. */
  change(taskId: string, state: string, healthy: boolean | undefined): readonly Json[] {
    const task = this.tasks.get(taskId);
    if (task === undefined) return [];
    task.state = state;
    if (healthy !== undefined) task.healthy = healthy;
    const update = { type: "TASK_UPDATED", task_updated: updateJson(task) };
    if (terminal.has(state)) this.tasks.delete(taskId);
    return this.#registered.has(task.agentId) ? [update] : [];
  }

  /** Another master leads: it knows agents by its registry, and none of their tasks. */
  failOver(): readonly Json[] {
    this.#registered.clear();
    return [this.snapshot()];
  }

  /** An agent comes (back) to the master with all its tasks. */
  register(agentId: string): readonly Json[] {
    if (this.#registered.has(agentId)) return [];
    this.#registered.add(agentId);
    this.#unreachable.delete(agentId);
    this.#givenUp.delete(agentId);
    const tasks = [...this.tasks.values()].filter((task) => task.agentId === agentId);
    return [
      { type: "AGENT_ADDED", agent_added: { agent: agentJson(agentId) } },
      ...tasks.map((task) => ({ type: "TASK_ADDED", task_added: { task: taskJson(task) } })),
    ];
  }

  /** A master after a failover gives up an agent that has not come back: of its tasks it never knew. */
  giveUp(agentId: string): readonly Json[] {
    this.#givenUp.add(agentId);
    return [{ type: "AGENT_REMOVED", agent_removed: { agent_id: { value: agentId } } }];
  }

  /** The master gives an agent up. */
  loseAgent(agentId: string): readonly Json[] {
    if (!this.#registered.has(agentId)) return [];
    this.#registered.delete(agentId);
    this.#unreachable.add(agentId);
    const tasks = [...this.tasks.values()].filter((task) => task.agentId === agentId);
    return [
      ...tasks.map((task) => ({
        type: "TASK_UPDATED",
        task_updated: updateJson({ ...task, state: "TASK_UNREACHABLE", healthy: undefined }),
      })),
      { type: "AGENT_REMOVED", agent_removed: { agent_id: { value: agentId } } },
    ];
  }
}

/** The address of a model agent: `S3` is 10.0.0.13. */
export function addressOfAgent(agentId: string): string {
  return `10.0.0.${10 + Number(agentId.slice(1))}`;
}

function agentJson(id: string): Json {
  const address = addressOfAgent(id);
  return {
    agent_info: { id: { value: id }, hostname: `host-${id}`, port: 5051 },
    ...{ active: true, version: "1.12.0" },
    pid: `slave(1)@${address}:5051`,
  };
}

function frameworkJson([id, name]: readonly [string, string]): Json {
  const info = { id: { value: id }, name, user: "root", hostname: "localhost" };
  return { framework_info: info, active: true, connected: true, recovered: false };
}

function statusJson(task: ModelTask): Json {
  const address = addressOfAgent(task.agentId);
  return {
    task_id: { value: task.taskId },
    state: task.state,
    ...(task.healthy === undefined ? {} : { healthy: task.healthy }),
    container_status: { network_infos: [{ ip_addresses: [{ ip_address: address }] }] },
  };
}

function updateJson(task: ModelTask): Json {
  const status = statusJson(task);
  return { framework_id: { value: task.frameworkId }, status, state: task.state };
}

function taskJson(task: ModelTask): Json {
  const labels = Object.entries(task.labels).map(([key, value]) => ({ key, value }));
  return {
    name: task.name,
    task_id: { value: task.taskId },
    framework_id: { value: task.frameworkId },
    agent_id: { value: task.agentId },
    state: task.state,
    statuses: task.isSilent === true ? [] : [statusJson(task)],
    ...(task.isChecked ? { health_check: { type: "TCP" } } : {}),
    resources: [
      {
        ...{ name: "ports", type: "RANGES" },
        ranges: { range: [{ begin: task.hostPort, end: task.hostPort }] },
      },
    ],
    discovery: {
      visibility: "FRAMEWORK",
      name: task.name,
      ports: { ports: [{ number: task.hostPort, protocol: "tcp", labels: { labels } }] },
    },
  };
}
