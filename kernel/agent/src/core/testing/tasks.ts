import type { FrameworkInfo, TaskInfo } from "@tutti/mesos-v1";
import { agentId } from "./simulated-world.ts";

/** A framework that understands everything. */
export const framework: FrameworkInfo = {
  user: "root",
  name: "marathon",
  id: { value: "f1" },
  checkpoint: true,
  roles: ["*"],
  capabilities: [
    { type: "TASK_KILLING_STATE" },
    { type: "PARTITION_AWARE" },
    { type: "MULTI_ROLE" },
  ],
};

/** What makes a task a backend of a virtual IP: SIGTERM to it is held for 2 s. */
export const served: Pick<TaskInfo, "discovery"> = {
  discovery: {
    visibility: "FRAMEWORK",
    ports: { ports: [{ number: 80, labels: { labels: [{ key: "VIP_0", value: "/web:80" }] } }] },
    labels: { labels: [{ key: "drainSeconds", value: "2" }] },
  },
};

/** A command task of half a cpu and 64 MB. */
export function commandTask(taskId: string, extra: Partial<TaskInfo> = {}): TaskInfo {
  return {
    name: taskId,
    task_id: { value: taskId },
    agent_id: { value: agentId },
    command: { value: "sleep 1000" },
    resources: [
      { name: "cpus", type: "SCALAR", scalar: { value: 0.5 }, allocation_info: { role: "*" } },
      { name: "mem", type: "SCALAR", scalar: { value: 64 }, allocation_info: { role: "*" } },
    ],
    ...extra,
  };
}
