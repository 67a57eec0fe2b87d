/** A master machine. */
export interface MasterMachine {
  readonly name: string;
  readonly ip: string;
}

/** An agent machine. */
export interface AgentMachine {
  readonly name: string;
  readonly ip: string;
  readonly public: boolean;
  /** What it offers, in the form of Mesos's `--resources`; settled once, when the cluster is new. */
  readonly resources: string;
}

/**
 * `cluster.json`: what a cluster is, for `up`, `down`, `status` and for every command that speaks to it.
 * Readable by its owner only: it holds the secret.
 */
export interface ClusterFile {
  readonly schema: 1;
  /** Short id that every name on the machine bears. */
  readonly id: string;
  readonly name: string;
  /** `namespaces` as root, `loopback` without. */
  readonly network: "namespaces" | "loopback";
  readonly subnet: number;
  readonly isolated: boolean;
  readonly open: boolean;
  /** Zones with DNS servers of their own, `corp.example=10.0.0.1`; absent in files of older releases. */
  readonly dnsForwardZones?: readonly string[];
  /** Domains that tasks try short names in; absent in files of older releases. */
  readonly dnsSearch?: readonly string[];
  readonly secret: string;
  readonly masters: readonly MasterMachine[];
  readonly agents: readonly AgentMachine[];
  /** Where the master and Marathon answer. */
  readonly masterUrl: string;
  readonly marathonUrl: string;
  /** Whether `up` made the directory, so that `down` removes it. */
  readonly dirCreated: boolean;
}

/** Ports of the processes, as DC/OS has them. */
export const ports = {
  master: 5050,
  agent: 5051,
  marathon: 8080,
  node: 62_080,
  dns: 53,
  /** Where only root may listen below 1024 and we are not root. */
  dnsWithoutRoot: 10_053,
} as const;

/** Reads the text of `cluster.json`; undefined when it is not one of ours. */
export function parseClusterFile(text: string): ClusterFile | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== "object" || value === null) return undefined;
  const file = value as Partial<ClusterFile>;
  const whole =
    file.schema === 1 &&
    typeof file.id === "string" &&
    /^[a-z0-9]{6}$/.test(file.id) &&
    typeof file.secret === "string" &&
    Array.isArray(file.masters) &&
    Array.isArray(file.agents);
  return whole ? (value as ClusterFile) : undefined;
}
