import type { SeededRandom } from "@tutti/testkit";

type Json = Readonly<Record<string, unknown>>;

/** A machine with an agent, as the model's master knows it. */
export interface ModelAgent {
  readonly id: string;
  readonly address: string;
  readonly hostname: string;
}

/** A task of the model: what is true of it. */
export interface ModelTask {
  readonly id: string;
  readonly framework: string;
  readonly name: string;
  readonly agent: ModelAgent;
  readonly port: number;
  readonly isChecked: boolean;
  /** Values of its VIP labels. */
  readonly vips: readonly string[];
  readonly healthy: boolean;
}

const portMin = 10_000;
const portCount = 20_000;
/** Tasks that have ended and are listed (Mesos: 1,000 of each framework). */
const completedMax = 1000;

/**
 * A Mesos-compatible master without a cluster: every change is told in the records of the operator event stream, and
 * what is true after it is kept as plainly as can be, for comparison.
 */
export class ModelMaster {
  readonly #agents: ModelAgent[];
  readonly #random: SeededRandom;
  readonly #tasks = new Map<string, ModelTask>();
  /** Agents that have not registered again with the present leader. */
  readonly #absent = new Set<string>();
  readonly #frameworks = new Set(["marathon"]);
  /** What ended under this leader, as a master lists it. */
  readonly #completed: Json[] = [];
  #started = 0;
  /** Changes that were told. */
  changes = 0;

  constructor(agents: readonly ModelAgent[], random: SeededRandom) {
    this.#agents = [...agents];
    this.#random = random;
  }

  get tasks(): readonly ModelTask[] {
    return [...this.#tasks.values()];
  }

  /** Tasks that may be changed: those whose agent the leader knows. */
  get reachable(): readonly ModelTask[] {
    return this.tasks.filter(({ agent }) => !this.#absent.has(agent.id));
  }

  /** What a new stream begins with: a young leader shows only agents that are back, with their tasks. */
  snapshot(): Json {
    const present = this.#agents.filter(({ id }) => !this.#absent.has(id));
    const absent = this.#agents.filter(({ id }) => this.#absent.has(id));
    return {
      type: "SUBSCRIBED",
      subscribed: {
        get_state: {
          get_tasks: {
            tasks: this.reachable.map(taskJson),
            completed_tasks: this.#completed.slice(-completedMax),
          },
          get_agents: {
            agents: present.map(agentJson),
            recovered_agents: absent.map((agent) => agentJson(agent)["agent_info"]),
          },
          get_frameworks: { frameworks: [...this.#frameworks].map(frameworkJson) },
        },
        heartbeat_interval_seconds: 15,
      },
    };
  }

  addAgent(agent: ModelAgent): readonly Json[] {
    this.#agents.push(agent);
    this.changes += 1;
    return [{ type: "AGENT_ADDED", agent_added: { agent: agentJson(agent) } }];
  }

  addFramework(name: string): readonly Json[] {
    this.#frameworks.add(name);
    this.changes += 1;
    return [{ type: "FRAMEWORK_ADDED", framework_added: { framework: frameworkJson(name) } }];
  }

  /** The end of a framework, and of its tasks with it. */
  removeFramework(name: string): readonly Json[] {
    this.#frameworks.delete(name);
    for (const task of this.tasks) if (task.framework === name) this.#tasks.delete(task.id);
    this.changes += 1;
    const framework_info = frameworkJson(name)["framework_info"];
    return [{ type: "FRAMEWORK_REMOVED", framework_removed: { framework_info } }];
  }

  launch(wish: {
    readonly name: string;
    readonly vips: readonly string[];
    readonly framework?: string;
    readonly agent?: ModelAgent;
    readonly isChecked?: boolean;
  }): readonly Json[] {
    this.#started += 1;
    const present = this.#agents.filter(({ id }) => !this.#absent.has(id));
    const { framework = "marathon", agent = this.#random.pick(present), isChecked = false } = wish;
    const task: ModelTask = {
      id: `${framework}-task.${String(this.#started)}`,
      framework,
      name: wish.name,
      agent,
      port: portMin + (this.#started % portCount),
      isChecked,
      vips: wish.vips,
      healthy: true,
    };
    this.#tasks.set(task.id, task);
    this.changes += 1;
    const staging = { ...taskJson(task), state: "TASK_STAGING", statuses: [] };
    return [
      { type: "TASK_ADDED", task_added: { task: staging } },
      updateJson(task, "TASK_RUNNING"),
    ];
  }

  kill(task: ModelTask): readonly Json[] {
    this.#ended(task, "TASK_KILLED");
    return [updateJson(task, "TASK_KILLING"), updateJson(task, "TASK_KILLED")];
  }

  /** An end that nobody ordered. */
  end(task: ModelTask, state: "TASK_FAILED" | "TASK_FINISHED"): readonly Json[] {
    this.#ended(task, state);
    return [updateJson(task, state)];
  }

  #ended(task: ModelTask, state: string): void {
    this.#tasks.delete(task.id);
    this.#completed.push({ ...taskJson(task), state });
    this.changes += 1;
  }

  setHealthy(task: ModelTask, healthy: boolean): readonly Json[] {
    const next = { ...task, healthy };
    this.#tasks.set(task.id, next);
    this.changes += 1;
    return [updateJson(next, "TASK_RUNNING")];
  }

  /** Another leader: all agents but one are still away. */
  failOver(): void {
    for (const { id } of this.#agents.slice(1)) this.#absent.add(id);
    this.#completed.length = 0;
    this.changes += 1;
  }

  /** Agents that are still away. */
  get absent(): readonly ModelAgent[] {
    return this.#agents.filter(({ id }) => this.#absent.has(id));
  }

  /** An agent registers again and brings its tasks, without those that have ended meanwhile. */
  comeBack(agent: ModelAgent, ended: readonly ModelTask[]): readonly Json[] {
    this.#absent.delete(agent.id);
    for (const task of ended) this.#tasks.delete(task.id);
    this.changes += 1 + ended.length;
    const tasks = this.tasks.filter((task) => task.agent.id === agent.id);
    return [
      { type: "AGENT_ADDED", agent_added: { agent: agentJson(agent) } },
      ...tasks.map((task) => ({ type: "TASK_ADDED", task_added: { task: taskJson(task) } })),
    ];
  }
}

function agentJson({ id, address, hostname }: ModelAgent): Json {
  return {
    agent_info: { id: { value: id }, hostname, port: 5051 },
    active: true,
    pid: `slave(1)@${address}:5051`,
  };
}

function frameworkJson(name: string): Json {
  return { framework_info: { id: { value: name }, name, user: "root" }, active: true };
}

function statusJson(task: ModelTask, state: string): Json {
  return {
    task_id: { value: task.id },
    agent_id: { value: task.agent.id },
    state,
    ...(task.isChecked ? { healthy: task.healthy } : {}),
    container_status: { network_infos: [{ ip_addresses: [{ ip_address: task.agent.address }] }] },
  };
}

function updateJson(task: ModelTask, state: string): Json {
  const framework_id = { value: task.framework };
  return {
    type: "TASK_UPDATED",
    task_updated: { framework_id, status: statusJson(task, state), state },
  };
}

function taskJson(task: ModelTask): Json {
  const { id, framework, name, agent, port, isChecked, vips } = task;
  const labels = vips.map((value, index) => ({ key: `VIP_${String(index)}`, value }));
  return {
    name,
    task_id: { value: id },
    framework_id: { value: framework },
    agent_id: { value: agent.id },
    state: "TASK_RUNNING",
    resources: [
      { name: "cpus", type: "SCALAR", scalar: { value: 0.1 } },
      { name: "ports", type: "RANGES", ranges: { range: [{ begin: port, end: port }] } },
    ],
    statuses: [statusJson(task, "TASK_RUNNING")],
    discovery: {
      visibility: "FRAMEWORK",
      name,
      ports: {
        ports: [{ number: port, name: "http", protocol: "tcp", labels: { labels } }],
      },
    },
    ...(isChecked ? { health_check: { type: "TCP" } } : {}),
  };
}
