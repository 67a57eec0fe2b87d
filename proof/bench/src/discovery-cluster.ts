/** A cluster as a master's stream shows it, of any size: tasks of apps with a VIP each. */
export interface ClusterSize {
  readonly agents: number;
  readonly apps: number;
  readonly tasksPerApp: number;
}

type Json = Readonly<Record<string, unknown>>;

const frameworkId = "5a1f3c60-6a34-4e0c-9f3a-7b1f0c2d9e11-0000";

function agentId(number: number): string {
  return `5a1f3c60-6a34-4e0c-9f3a-7b1f0c2d9e11-S${String(number)}`;
}

function addressOf(number: number): string {
  return `10.${String(number >> 16)}.${String((number >> 8) & 255)}.${String(number & 255)}`;
}

/** One task, in the JSON of `mesos.v1.Task`. */
export function taskJson(size: ClusterSize, number: number, state = "TASK_RUNNING"): Json {
  const app = Math.floor(number / size.tasksPerApp);
  const agent = number % size.agents;
  const port = 10_000 + (Math.floor(number / size.agents) % 20_000);
  const name = `app-${String(app)}.group`;
  const labels = [{ key: "VIP_0", value: `/group/app-${String(app)}:80` }];
  return {
    name,
    task_id: { value: `group_app-${String(app)}.instance-${String(number)}._app.1` },
    framework_id: { value: frameworkId },
    agent_id: { value: agentId(agent) },
    state,
    resources: [
      { name: "cpus", type: "SCALAR", scalar: { value: 0.1 } },
      { name: "mem", type: "SCALAR", scalar: { value: 32 } },
      { name: "ports", type: "RANGES", ranges: { range: [{ begin: port, end: port }] } },
    ],
    statuses: [statusJson(number, agent, state)],
    discovery: {
      visibility: "FRAMEWORK",
      name,
      ports: {
        ports: [{ number: port, name: "http", protocol: "tcp", labels: { labels } }],
      },
    },
    health_check: { type: "TCP" },
  };
}

function statusJson(number: number, agent: number, state: string): Json {
  const address = addressOf(agent);
  return {
    task_id: { value: `task-${String(number)}` },
    state,
    healthy: true,
    timestamp: 1_795_339_568.39,
    container_status: { network_infos: [{ ip_addresses: [{ ip_address: address }] }] },
  };
}

/** A status of a task as the stream tells it: its health turns a backend on and off. */
export function healthJson(size: ClusterSize, number: number, healthy: boolean): Json {
  const task = taskJson(size, number);
  const { task_id, state } = task;
  const status = { task_id, state, healthy };
  return {
    type: "TASK_UPDATED",
    task_updated: { framework_id: { value: frameworkId }, status, state },
  };
}

/** The first record of a stream: everything runs. */
export function snapshotJson(size: ClusterSize): Json {
  const tasks = Array.from({ length: size.apps * size.tasksPerApp }, (_, number) =>
    taskJson(size, number),
  );
  const agents = Array.from({ length: size.agents }, (_, number) => ({
    agent_info: { id: { value: agentId(number) }, hostname: `node-${String(number)}`, port: 5051 },
    ...{ active: true, version: "1.12.0" },
    pid: `slave(1)@${addressOf(number)}:5051`,
  }));
  const info = { id: { value: frameworkId }, name: "marathon", user: "root" };
  const framework = { framework_info: info, active: true, connected: true, recovered: false };
  return {
    type: "SUBSCRIBED",
    subscribed: {
      get_state: {
        get_tasks: { tasks },
        get_agents: { agents },
        get_frameworks: { frameworks: [framework] },
      },
      heartbeat_interval_seconds: 15,
    },
  };
}
