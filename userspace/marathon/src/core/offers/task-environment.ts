import { compareText } from "@tutti/base";
import type { PortDefinition, VersionedApp } from "@tutti/marathon-v2";
import type { Environment } from "@tutti/mesos-v1";

const variableLengthMax = 512;
const labelPrefix = "MARATHON_APP_LABEL_";

/** What the environment of a task is made of. */
export interface TaskPlace {
  readonly taskId: string;
  readonly host: string;
  readonly hostPorts: readonly number[];
}

/**
 * The environment Marathon gives a task: its app, its resources, its ports and its labels; what the app
 * defines itself comes last and wins. Sorted by name. Rule MAR16.
 */
export function taskEnvironment(app: VersionedApp, place: TaskPlace): Environment {
  const variables: Readonly<Record<string, string>> = {
    ...portVariables(app.portDefinitions, place.hostPorts),
    HOST: place.host,
    MESOS_TASK_ID: place.taskId,
    MARATHON_APP_ID: app.id,
    MARATHON_APP_VERSION: app.version,
    MARATHON_APP_RESOURCE_CPUS: decimal(app.cpus),
    MARATHON_APP_RESOURCE_MEM: decimal(app.mem),
    MARATHON_APP_RESOURCE_DISK: decimal(app.disk),
    MARATHON_APP_RESOURCE_GPUS: String(app.gpus),
    ...labelVariables(app.labels),
    ...app.env,
  };
  return {
    variables: Object.entries(variables)
      .sort(([left], [right]) => compareText(left, right))
      .map(([name, value]) => ({ name, value })),
  };
}

function portVariables(
  definitions: readonly PortDefinition[],
  hostPorts: readonly number[],
): Readonly<Record<string, string>> {
  const variables: Record<string, string> = {};
  for (const [index, hostPort] of hostPorts.entries()) {
    const definition = definitions[index];
    const servicePort = definition?.port ?? 0;
    variables[`PORT${index}`] = String(hostPort);
    variables[`PORT_${servicePort === 0 ? hostPort : servicePort}`] = String(hostPort);
    if (definition?.name !== undefined) {
      const name = definition.name.toUpperCase().replaceAll(/[^A-Z0-9_]/g, "_");
      variables[`PORT_${name}`] = String(hostPort);
    }
  }
  const [first] = hostPorts;
  if (first === undefined) return variables;
  return { ...variables, PORT: String(first), PORTS: hostPorts.join(",") };
}

function labelVariables(
  labels: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const variables: Record<string, string> = {};
  const names: string[] = [];
  for (const [key, value] of Object.entries(labels)) {
    const keyLengthMax = variableLengthMax - labelPrefix.length;
    if (key.length >= keyLengthMax || value.length >= variableLengthMax) continue;
    const name = key.replaceAll(/[^a-zA-Z0-9_]+/g, "_").toUpperCase();
    names.push(name);
    variables[labelPrefix + name] = value;
  }
  return { ...variables, MARATHON_APP_LABELS: names.join(" ") };
}

/** A number with at least one decimal, as Marathon writes resources: `0.1`, `128.0`. */
function decimal(value: number): string {
  return Number.isInteger(value) ? `${value}.0` : String(value);
}
