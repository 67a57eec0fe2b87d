import type {
  AppHealthCheckInput,
  AppInput,
  NetworkInput,
  PortDefinitionInput,
  UpgradeStrategy,
} from "./app.ts";
import {
  anything,
  decimal,
  dictionary,
  flag,
  integer,
  isObject,
  list,
  oneOf,
  optional,
  record,
  required,
  text,
} from "./shape.ts";
import type { Shape } from "./shape.ts";

const int32Max = 2_147_483_647;
const count = integer({ min: 0, max: int32Max });
const anyPort = integer({ min: 0, max: 65_535 });
const labels = dictionary(text());

const legacyName = text({
  lengthMin: 1,
  pattern: /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/,
  expected: "must consist of lower-case letters, digits and inner dashes",
});

const networkName = text({
  lengthMin: 1,
  lengthMax: 63,
  pattern: /^[a-z0-9]([-a-z0-9_]*[a-z0-9])?$/,
  expected: "must consist of lower-case letters, digits, inner dashes and underscores",
});

const portDefinition: Shape<PortDefinitionInput> = record<PortDefinitionInput>({
  port: optional(anyPort),
  protocol: optional(oneOf(["tcp", "udp", "udp,tcp"])),
  name: optional(legacyName),
  labels: optional(labels),
});

const network: Shape<NetworkInput> = record<NetworkInput>({
  mode: optional(oneOf(["container", "container/bridge", "host"])),
  name: optional(networkName),
  labels: optional(labels),
});

const healthCheck: Shape<AppHealthCheckInput> = record<AppHealthCheckInput>({
  protocol: optional(
    oneOf(["HTTP", "HTTPS", "TCP", "COMMAND", "MESOS_TCP", "MESOS_HTTP", "MESOS_HTTPS"]),
  ),
  command: optional(
    record<{ readonly value: string }>({ value: required(text({ lengthMin: 1 })) }),
  ),
  path: optional(text({ lengthMax: 1024 })),
  port: optional(anyPort),
  portIndex: optional(anyPort),
  ipProtocol: optional(oneOf(["IPv4", "IPv6"])),
  ignoreHttp1xx: optional(flag),
  gracePeriodSeconds: optional(count),
  intervalSeconds: optional(count),
  timeoutSeconds: optional(count),
  delaySeconds: optional(count),
  maxConsecutiveFailures: optional(count),
});

const upgradeStrategy: Shape<Partial<UpgradeStrategy>> = record<Partial<UpgradeStrategy>>({
  minimumHealthCapacity: optional(decimal({ min: 0, max: 1 })),
  maximumOverCapacity: optional(decimal({ min: 0, max: 1 })),
});

interface UnreachableInput {
  readonly inactiveAfterSeconds?: number;
  readonly expungeAfterSeconds?: number;
}

const unreachableEnabled: Shape<UnreachableInput> = record<UnreachableInput>({
  inactiveAfterSeconds: optional(integer({ min: 0, max: Number.MAX_SAFE_INTEGER / 1000 })),
  expungeAfterSeconds: optional(integer({ min: 0, max: Number.MAX_SAFE_INTEGER / 1000 })),
});

const unreachableStrategy: Shape<"disabled" | UnreachableInput> = (value, path, problems) => {
  if (value === "disabled") return value;
  if (isObject(value)) return unreachableEnabled(value, path, problems);
  problems.add(
    path,
    "must be 'disabled' or an object with inactiveAfterSeconds and expungeAfterSeconds",
  );
  return undefined;
};

const environmentValue: Shape<string | { readonly secret: string }> = (value, path, problems) => {
  if (typeof value === "string") return value;
  if (isObject(value) && typeof value["secret"] === "string") return { secret: value["secret"] };
  problems.add(path, "must be a string, or an object with the name of a secret");
  return undefined;
};

const executor = text({
  pattern: /^((\/\/cmd)|(\/?[^/]+(\/[^/]+)*)|)$/,
  expected: "must be empty, '//cmd' or a path",
});

/** What Marathon adds when it shows an app: accepted, so that what was read can be sent back. */
const shownOnly: ReadonlySet<string> = new Set([
  "deployments",
  "lastTaskFailure",
  "readinessCheckResults",
  "storeUrls",
  "taskStats",
  "tasks",
  "tasksHealthy",
  "tasksRunning",
  "tasksStaged",
  "warnings",
  "tasksStats",
  "tasksUnhealthy",
  "versionInfo",
]);

/** The fields, types and bounds of an app as clients write it (Marathon 1.11, `app.raml`). */
export const appInputShape: Shape<AppInput> = record<AppInput>(
  {
    id: optional(text({ lengthMin: 1, lengthMax: 240 })),
    acceptedResourceRoles: optional(list(text({ lengthMin: 1 }))),
    args: optional(list(text())),
    backoffFactor: optional(decimal({ min: 1, max: 1000 })),
    backoffSeconds: optional(count),
    cmd: optional(text({ lengthMin: 1 })),
    constraints: optional(list(list(text(), { lengthMin: 2, lengthMax: 3 }))),
    container: optional(anything),
    cpus: optional(decimal({ min: 0.001, max: 1_000_000 })),
    dependencies: optional(list(text({ lengthMin: 1 }))),
    disk: optional(decimal({ min: 0, max: 1e12 })),
    env: optional(dictionary(environmentValue)),
    executor: optional(executor),
    executorResources: optional(anything),
    fetch: optional(list(anything)),
    healthChecks: optional(list(healthCheck)),
    check: optional(anything),
    instances: optional(count),
    labels: optional(labels),
    maxLaunchDelaySeconds: optional(count),
    mem: optional(decimal({ min: 0, max: 1e12 })),
    gpus: optional(count),
    ipAddress: optional(anything),
    networks: optional(list(network)),
    ports: optional(list(anyPort)),
    portDefinitions: optional(list(portDefinition)),
    readinessChecks: optional(list(anything)),
    residency: optional(anything),
    resourceLimits: optional(anything),
    requirePorts: optional(flag),
    secrets: optional(dictionary(anything)),
    taskKillGracePeriodSeconds: optional(count),
    upgradeStrategy: optional(upgradeStrategy),
    uris: optional(list(text({ lengthMin: 1, lengthMax: 1024 }))),
    user: optional(text()),
    version: optional(text()),
    killSelection: optional(oneOf(["YOUNGEST_FIRST", "OLDEST_FIRST"])),
    unreachableStrategy: optional(unreachableStrategy),
    tty: optional(flag),
    role: optional(text({ lengthMin: 1 })),
  },
  shownOnly,
);
