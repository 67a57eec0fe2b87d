/** How an app's instances reach the network. Only `host` runs in this release. */
export interface Network {
  readonly mode: "host" | "container" | "container/bridge";
  readonly name?: string;
  readonly labels?: Readonly<Record<string, string>>;
}

/** Protocol of a port; `udp,tcp` means both under one number. */
export type PortProtocol = "tcp" | "udp" | "udp,tcp";

/** A port that each instance gets on its machine. */
export interface PortDefinition {
  /** The service port; the host port too when `requirePorts` is set. 0: Marathon chooses. */
  readonly port: number;
  readonly protocol: PortProtocol;
  readonly name?: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** How a health check asks. HTTP, HTTPS and TCP are judged by Marathon, the others by the executor. */
export type HealthCheckProtocol =
  | "HTTP"
  | "HTTPS"
  | "TCP"
  | "COMMAND"
  | "MESOS_HTTP"
  | "MESOS_HTTPS"
  | "MESOS_TCP";

/** One health check of an app. */
export interface AppHealthCheck {
  readonly protocol: HealthCheckProtocol;
  readonly command?: { readonly value: string };
  readonly path?: string;
  readonly port?: number;
  readonly portIndex?: number;
  readonly ipProtocol: "IPv4" | "IPv6";
  readonly ignoreHttp1xx?: boolean;
  readonly gracePeriodSeconds: number;
  readonly intervalSeconds: number;
  readonly timeoutSeconds: number;
  readonly delaySeconds: number;
  /** 0 never kills. */
  readonly maxConsecutiveFailures: number;
}

/** Operators of placement constraints. */
export type ConstraintOperator =
  | "UNIQUE"
  | "CLUSTER"
  | "GROUP_BY"
  | "LIKE"
  | "UNLIKE"
  | "MAX_PER"
  | "IS";

/** `[field, operator]` or `[field, operator, value]`. */
export type AppConstraint = readonly string[];

/** Which of several instances a scale-down takes first. */
export type KillSelection = "YOUNGEST_FIRST" | "OLDEST_FIRST";

/** What to do with instances whose agent is away. */
export type UnreachableStrategy =
  | "disabled"
  | { readonly inactiveAfterSeconds: number; readonly expungeAfterSeconds: number };

/** How many instances stay healthy, and how many more may run, during an upgrade. Fractions of 1. */
export interface UpgradeStrategy {
  readonly minimumHealthCapacity: number;
  readonly maximumOverCapacity: number;
}

/** When an app was last scaled and last changed otherwise: RFC 3339. */
export interface VersionInfo {
  readonly lastScalingAt: string;
  readonly lastConfigChangeAt: string;
}

/**
 * An app in canonical form: defaults filled in, legacy forms translated, id absolute. It holds what
 * the user decides; `version` and `versionInfo` are Marathon's.
 */
export interface App {
  readonly id: string;
  readonly acceptedResourceRoles?: readonly string[];
  readonly args?: readonly string[];
  readonly backoffFactor: number;
  readonly backoffSeconds: number;
  readonly cmd?: string;
  readonly constraints: readonly AppConstraint[];
  readonly cpus: number;
  readonly dependencies: readonly string[];
  /** MiB. */
  readonly disk: number;
  readonly env: Readonly<Record<string, string>>;
  readonly executor: string;
  readonly gpus: number;
  readonly healthChecks: readonly AppHealthCheck[];
  readonly instances: number;
  readonly killSelection: KillSelection;
  readonly labels: Readonly<Record<string, string>>;
  readonly maxLaunchDelaySeconds: number;
  /** MiB. */
  readonly mem: number;
  readonly networks: readonly Network[];
  readonly portDefinitions: readonly PortDefinition[];
  readonly requirePorts: boolean;
  /** Absent: chosen from `acceptedResourceRoles`, else `*`. */
  readonly role?: string;
  readonly taskKillGracePeriodSeconds?: number;
  readonly unreachableStrategy: UnreachableStrategy;
  readonly upgradeStrategy: UpgradeStrategy;
  readonly user?: string;
}

/** An app with the version that Marathon gave it: what `GET` shows. */
export interface VersionedApp extends App {
  /** RFC 3339, unique and growing per app. */
  readonly version: string;
  readonly versionInfo: VersionInfo;
}

/** A port definition as clients write it. */
export interface PortDefinitionInput {
  readonly port?: number;
  readonly protocol?: PortProtocol;
  readonly name?: string;
  readonly labels?: Readonly<Record<string, string>>;
}

/** A health check as clients write it. */
export type AppHealthCheckInput = Partial<AppHealthCheck>;

/**
 * An app as clients write it, whole or in part: nothing filled in, legacy forms (`ports`, `uris`)
 * still there. Fields whose machinery this release lacks are read as they are and refused later.
 */
export interface AppInput {
  readonly id?: string;
  readonly acceptedResourceRoles?: readonly string[];
  readonly args?: readonly string[];
  readonly backoffFactor?: number;
  readonly backoffSeconds?: number;
  readonly cmd?: string;
  readonly constraints?: readonly AppConstraint[];
  readonly container?: unknown;
  readonly cpus?: number;
  readonly dependencies?: readonly string[];
  readonly disk?: number;
  readonly env?: Readonly<Record<string, string | { readonly secret: string }>>;
  readonly executor?: string;
  readonly executorResources?: unknown;
  readonly fetch?: readonly unknown[];
  readonly healthChecks?: readonly AppHealthCheckInput[];
  readonly check?: unknown;
  readonly instances?: number;
  readonly labels?: Readonly<Record<string, string>>;
  readonly maxLaunchDelaySeconds?: number;
  readonly mem?: number;
  readonly gpus?: number;
  readonly ipAddress?: unknown;
  readonly networks?: readonly NetworkInput[];
  readonly ports?: readonly number[];
  readonly portDefinitions?: readonly PortDefinitionInput[];
  readonly readinessChecks?: readonly unknown[];
  readonly residency?: unknown;
  readonly resourceLimits?: unknown;
  readonly requirePorts?: boolean;
  readonly secrets?: Readonly<Record<string, unknown>>;
  readonly taskKillGracePeriodSeconds?: number;
  readonly upgradeStrategy?: Partial<UpgradeStrategy>;
  readonly uris?: readonly string[];
  readonly user?: string;
  readonly version?: string;
  readonly killSelection?: KillSelection;
  readonly unreachableStrategy?:
    | "disabled"
    | { readonly inactiveAfterSeconds?: number; readonly expungeAfterSeconds?: number };
  readonly tty?: boolean;
  readonly role?: string;
}

/** A network as clients write it; the mode is `container` when absent. */
export interface NetworkInput {
  readonly mode?: Network["mode"];
  readonly name?: string;
  readonly labels?: Readonly<Record<string, string>>;
}
