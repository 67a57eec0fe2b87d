import type { AgentID, TaskInfo } from "@tutti/mesos-v1";

/** What differs between the tasks of a benchmark. */
export interface BenchTaskOptions {
  readonly port: number;
  /** Whether its labels are those of no other task. */
  readonly hasOwnLabels?: boolean;
}

/** What the tasks of an app have alike. */
type AppParts = Pick<TaskInfo, "command" | "labels">;

const partsOfApps = new Map<string, AppParts>();

function appParts(ofWhat: string): AppParts {
  return {
    command: {
      value: "exec ./serve --port $PORT0",
      shell: true,
      environment: {
        variables: Array.from({ length: 20 }, (_, i) => ({
          name: `SERVICE_SETTING_${String(i)}`,
          type: "VALUE",
          value: `value of setting ${String(i)} of ${ofWhat}`,
        })),
      },
    },
    labels: {
      labels: Array.from({ length: 5 }, (_, i) => ({
        key: `LABEL_${String(i)}`,
        value: `label ${String(i)} of ${ofWhat}`,
      })),
    },
  };
}

/** Made once for each app: to make them is the scheduler's work, not the master's. */
function sharedParts(ofWhat: string): AppParts {
  let parts = partsOfApps.get(ofWhat);
  if (parts === undefined) {
    parts = appParts(ofWhat);
    partsOfApps.set(ofWhat, parts);
  }
  return parts;
}

/**
 * The task of the figures: 0.1 cpus, 32 MB, one port, 20 environment variables, 5 labels. A thousand tasks in a
 * row are of one app and have its name, variables and labels.
 */
export function benchTask(
  number: number,
  agentId: AgentID,
  { port, hasOwnLabels = false }: BenchTaskOptions,
): TaskInfo {
  const app = Math.floor(number / 1000);
  const instance = `5d7c1c0e-6b1f-4c38-8d52-${String(number).padStart(12, "0")}`;
  const parts = hasOwnLabels ? appParts(String(number)) : sharedParts(`app ${String(app)}`);
  return {
    name: `web${String(app)}.shop`,
    task_id: { value: `shop_web${String(app)}.instance-${instance}._app.1` },
    agent_id: { value: agentId.value },
    resources: [
      { name: "cpus", type: "SCALAR", scalar: { value: 0.1 } },
      { name: "mem", type: "SCALAR", scalar: { value: 32 } },
      { name: "ports", type: "RANGES", ranges: { range: [{ begin: port, end: port }] } },
    ],
    ...parts,
  };
}
