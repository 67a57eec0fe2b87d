import type {
  App,
  AppHealthCheck,
  AppHealthCheckInput,
  AppInput,
  Network,
  PortDefinition,
  PortDefinitionInput,
  UnreachableStrategy,
} from "./app.ts";

/** Values of fields that the client left out (Marathon 1.11, `app.raml`). */
export const appDefaults = {
  backoffFactor: 1.15,
  backoffSeconds: 1,
  cpus: 1,
  disk: 0,
  executor: "",
  gpus: 0,
  instances: 1,
  killSelection: "YOUNGEST_FIRST",
  maxLaunchDelaySeconds: 300,
  mem: 128,
  requirePorts: false,
  upgradeStrategy: { minimumHealthCapacity: 1, maximumOverCapacity: 1 },
  unreachableStrategy: { inactiveAfterSeconds: 0, expungeAfterSeconds: 0 },
} as const;

/** Values of fields that a health check left out (Marathon 1.11, `healthCheck.raml`). */
export const healthCheckDefaults = {
  protocol: "HTTP",
  ipProtocol: "IPv4",
  gracePeriodSeconds: 300,
  intervalSeconds: 60,
  timeoutSeconds: 20,
  delaySeconds: 15,
  maxConsecutiveFailures: 3,
} as const;

/**
 * The canonical form of `input`: defaults filled in, `ports` turned into port definitions, one random
 * port where none was asked for, host networking. `id` and `dependencies` are taken as given: they
 * must have been resolved. Call only with an input that `checkUnsupported` passed (rules APP4–APP6).
 */
export function canonicalApp(input: AppInput, id: string, dependencies: readonly string[]): App {
  const hasPorts = input.ports !== undefined || input.portDefinitions !== undefined;
  return {
    id,
    ...given("acceptedResourceRoles", input.acceptedResourceRoles),
    ...given("args", input.args),
    backoffFactor: input.backoffFactor ?? appDefaults.backoffFactor,
    backoffSeconds: input.backoffSeconds ?? appDefaults.backoffSeconds,
    ...given("cmd", input.cmd),
    constraints: input.constraints ?? [],
    cpus: input.cpus ?? appDefaults.cpus,
    dependencies,
    disk: input.disk ?? appDefaults.disk,
    env: environmentOf(input),
    executor: input.executor ?? appDefaults.executor,
    gpus: input.gpus ?? appDefaults.gpus,
    healthChecks: (input.healthChecks ?? []).map((check) => canonicalHealthCheck(check)),
    instances: input.instances ?? appDefaults.instances,
    killSelection: input.killSelection ?? appDefaults.killSelection,
    labels: input.labels ?? {},
    maxLaunchDelaySeconds: input.maxLaunchDelaySeconds ?? appDefaults.maxLaunchDelaySeconds,
    mem: input.mem ?? appDefaults.mem,
    networks: (input.networks ?? [{ mode: "host" }]).map(canonicalNetwork),
    portDefinitions: hasPorts
      ? portDefinitionsOf(input)
      : [{ port: 0, protocol: "tcp", name: "default", labels: {} }],
    requirePorts: input.requirePorts ?? appDefaults.requirePorts,
    ...given("role", input.role),
    ...given("taskKillGracePeriodSeconds", input.taskKillGracePeriodSeconds),
    unreachableStrategy: canonicalUnreachableStrategy(input.unreachableStrategy),
    upgradeStrategy: { ...appDefaults.upgradeStrategy, ...input.upgradeStrategy },
    ...given("user", input.user === "" ? undefined : input.user),
  };
}

/**
 * `update` laid over `current`: a field that is present replaces the old one whole, `null` and absent
 * leave it. A command replaces arguments and the other way round, `ports` replace port definitions.
 */
export function mergeAppInput(current: AppInput, update: AppInput): AppInput {
  const { cmd, args, ports: _ports, portDefinitions, ...rest } = current;
  const newCommand = update.cmd !== undefined || update.args !== undefined;
  const newPorts = update.ports !== undefined || update.portDefinitions !== undefined;
  return {
    ...rest,
    ...(newCommand ? {} : { ...given("cmd", cmd), ...given("args", args) }),
    ...(newPorts ? {} : given("portDefinitions", portDefinitions)),
    ...update,
  };
}

function canonicalHealthCheck(check: AppHealthCheckInput): AppHealthCheck {
  const filled: AppHealthCheck = { ...healthCheckDefaults, ...check };
  const needsPort = filled.protocol !== "COMMAND";
  return needsPort && filled.port === undefined && filled.portIndex === undefined
    ? { ...filled, portIndex: 0 }
    : filled;
}

function canonicalNetwork(network: Partial<Network>): Network {
  return { ...network, mode: network.mode ?? "container" };
}

function canonicalUnreachableStrategy(
  strategy: AppInput["unreachableStrategy"],
): UnreachableStrategy {
  return strategy === "disabled" ? strategy : { ...appDefaults.unreachableStrategy, ...strategy };
}

function portDefinitionsOf(input: AppInput): readonly PortDefinition[] {
  const definitions: readonly PortDefinitionInput[] =
    input.portDefinitions ?? (input.ports ?? []).map((port) => ({ port }));
  return definitions.map((definition) => ({
    port: definition.port ?? 0,
    protocol: definition.protocol ?? "tcp",
    ...given("name", definition.name),
    labels: definition.labels ?? {},
  }));
}

function environmentOf(input: AppInput): Readonly<Record<string, string>> {
  const plain = Object.entries(input.env ?? {}).filter(
    (entry): entry is [string, string] => typeof entry[1] === "string",
  );
  return Object.fromEntries(plain);
}

function given<K extends string, T>(key: K, value: T | undefined): { readonly [P in K]?: T } {
  const part: { [P in K]?: T } = {};
  if (value !== undefined) part[key] = value;
  return part;
}
