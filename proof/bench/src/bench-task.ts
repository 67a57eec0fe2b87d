import type { AgentID, TaskInfo } from "@tutti/mesos-v1";

/** What every task of an app has alike. */
const variables = Array.from({ length: 20 }, (_, i) => ({
  name: `SERVICE_SETTING_${String(i)}`,
  type: "VALUE" as const,
  value: `value of setting ${String(i)} of the service`,
}));
const labels = Array.from({ length: 5 }, (_, i) => ({
  key: `LABEL_${String(i)}`,
  value: `value of label ${String(i)}`,
}));

/** The task of the figures: 0.1 cpus, 32 MB, one port, 20 environment variables, 5 labels; nothing is shared with other tasks. */
export function benchTask(number: number, agentId: AgentID, port: number): TaskInfo {
  const id = `shop_web.instance-5d7c1c0e-6b1f-4c38-8d52-${String(number).padStart(12, "0")}._app.1`;
  const task: TaskInfo = {
    name: "web.shop",
    task_id: { value: id },
    agent_id: { value: agentId.value },
    resources: [
      { name: "cpus", type: "SCALAR", scalar: { value: 0.1 } },
      { name: "mem", type: "SCALAR", scalar: { value: 32 } },
      { name: "ports", type: "RANGES", ranges: { range: [{ begin: port, end: port }] } },
    ],
    command: {
      value: "exec ./serve --port $PORT0",
      shell: true,
      environment: { variables: variables.map((variable) => ({ ...variable })) },
    },
    labels: { labels: labels.map((label) => ({ ...label })) },
  };
  return task;
}
