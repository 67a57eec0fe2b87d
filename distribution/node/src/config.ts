import { ok, refuse, type Result } from "@tutti/base";

/** The processes of a machine, by the names the command line has for them. */
export const processNames = ["master", "agent", "services", "node"] as const;

/** Which process to be. */
export type ProcessName = (typeof processNames)[number];

/** What every room's process is told. */
export interface CommonConfig {
  readonly ip: string;
  readonly port: number;
  readonly hostname: string;
  readonly secret: string;
  readonly open: boolean;
}

/** A master's configuration file. */
export interface MasterFile extends CommonConfig {
  readonly clusterName: string;
  readonly stateDir: string;
  /** Between pings of an agent, and how many it may miss; left out, they are Mesos's: 15 s, five. */
  readonly agentPingTimeoutMs?: number;
  readonly maxAgentPingTimeouts?: number;
}

/** Marathon's part of the configuration file of `services`. */
export interface MarathonFile extends CommonConfig {
  readonly masters: readonly string[];
  readonly stateDir: string;
  readonly user: string;
}

/** The configuration file of `services`: one part for each service that this process holds. */
export interface ServicesFile {
  readonly marathon: MarathonFile;
}

/** An agent's configuration file. */
export interface AgentFile extends CommonConfig {
  /** The machine's IPv6 address, where it has one; absent in files of older releases. */
  readonly ip6?: string;
  readonly masters: readonly string[];
  readonly resources: string;
  readonly attributes: string;
  readonly workDir: string;
  readonly runtimeDir: string;
  readonly cgroupParent: string;
  readonly user: string;
  readonly containerizer: "auto" | "oci" | "process";
  /** Goes into the names of supervisors. */
  readonly stateMark: string;
  /** The file that tasks get as /etc/resolv.conf; "" for the machine's own. */
  readonly resolvConf: string;
  /** URLs of the `node` processes of all masters; none: a task behind a VIP is held as long as it says. */
  readonly discoveries: readonly string[];
}

/** The configuration file of `node`, the process of names and virtual IPs that every machine has. */
export interface NodeFile extends CommonConfig {
  /** The machine's name, unique in the cluster. */
  readonly machine: string;
  /** Whether discovery and the masters' DNS run here too. */
  readonly isMaster: boolean;
  /** URLs of all masters. */
  readonly masters: readonly string[];
  /** URLs of the `node` processes of all masters. */
  readonly discoveries: readonly string[];
  readonly stateDir: string;
  /** Where DNS answers on this machine: 198.51.100.1, .2, .3. */
  readonly dnsAddresses: readonly string[];
  readonly dnsPort: number;
  /** Addresses on which DNS does not listen, also where it is told to. */
  readonly dnsBlacklist: readonly string[];
  /** Addresses of the cluster's own services by their names: `marathon` is `marathon.component.thisdcos.directory`. */
  readonly dnsComponents: Readonly<Record<string, readonly string[]>>;
  /** What is below `thisdcos.directory` is below `<id>.dcos.directory` too: a label of DNS; "" for none. */
  readonly clusterCryptoId: string;
  /** DNS servers for names that are not ours, as addresses; none: such names are refused. */
  readonly upstreams: readonly string[];
  /** Parts of the name space with servers of their own: `corp.example=10.0.0.1,10.0.0.2:5353`. */
  readonly forwardZones: readonly string[];
  /** Addresses of the machine's network that belong to routers: none may be a VIP. */
  readonly routers: readonly string[];
  /** Domains that tasks try short names in. */
  readonly searchDomains: readonly string[];
  /** The file that tasks get as /etc/resolv.conf; "" for none. */
  readonly resolvConf: string;
  /** Whether this process may lead the machine's packets. */
  readonly virtualIps: boolean;
}

/** The configuration file of each process. */
export interface ConfigFiles {
  readonly node: NodeFile;
  readonly master: MasterFile;
  readonly agent: AgentFile;
  readonly services: ServicesFile;
}

type Kind =
  | "text"
  | "textIfThere"
  | "number"
  | "countOrNone"
  | "flag"
  | "texts"
  | "textsOrNone"
  | "textsByName"
  | "containerizer";
type Shape = Readonly<Record<string, Kind>>;

const common = {
  ip: "text",
  port: "number",
  hostname: "text",
  secret: "text",
  open: "flag",
} as const;

const masterShape = {
  ...common,
  clusterName: "text",
  stateDir: "text",
  agentPingTimeoutMs: "countOrNone",
  maxAgentPingTimeouts: "countOrNone",
} as const satisfies Record<keyof MasterFile, Kind>;
const marathonShape = {
  ...common,
  masters: "texts",
  stateDir: "text",
  user: "text",
} as const satisfies Record<keyof MarathonFile, Kind>;
const agentShape = {
  ...common,
  masters: "texts",
  ip6: "textIfThere",
  resources: "text",
  attributes: "text",
  workDir: "text",
  runtimeDir: "text",
  cgroupParent: "text",
  user: "text",
  containerizer: "containerizer",
  stateMark: "text",
  resolvConf: "text",
  discoveries: "textsOrNone",
} as const satisfies Record<keyof AgentFile, Kind>;

const nodeShape = {
  ...common,
  machine: "text",
  isMaster: "flag",
  masters: "texts",
  discoveries: "texts",
  stateDir: "text",
  dnsAddresses: "texts",
  dnsPort: "number",
  dnsBlacklist: "textsOrNone",
  dnsComponents: "textsByName",
  clusterCryptoId: "text",
  upstreams: "textsOrNone",
  forwardZones: "textsOrNone",
  routers: "textsOrNone",
  searchDomains: "textsOrNone",
  resolvConf: "text",
  virtualIps: "flag",
} as const satisfies Record<keyof NodeFile, Kind>;

/** Reads the text of a configuration file. Refuses what is missing, of the wrong type, or unknown. */
export function parseConfig<Name extends ProcessName>(
  name: Name,
  text: string,
): Result<ConfigFiles[Name]> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return refuse("CONFIG", `the configuration is no JSON: ${(error as Error).message}`);
  }
  const problem = problemOf(name, value);
  if (problem !== undefined) return refuse("CONFIG", `configuration of ${name}: ${problem}`);
  return ok(value as ConfigFiles[Name]);
}

function problemOf(name: ProcessName, value: unknown): string | undefined {
  switch (name) {
    case "master":
      return mismatch(value, masterShape);
    case "agent":
      return mismatch(value, agentShape);
    case "node":
      return mismatch(value, nodeShape);
    case "services": {
      if (!isObject(value)) return "not an object";
      const unknown = Object.keys(value).find((key) => key !== "marathon");
      if (unknown !== undefined) return `unknown field "${unknown}"`;
      const problem = mismatch(value["marathon"], marathonShape);
      return problem === undefined ? undefined : `marathon: ${problem}`;
    }
  }
}

/** What is wrong with `value`, or undefined when it has exactly the fields of `shape`. */
function mismatch(value: unknown, shape: Shape): string | undefined {
  if (!isObject(value)) return "not an object";
  for (const [field, kind] of Object.entries(shape))
    if (!isOf(value[field], kind)) return `field "${field}" must be ${describe[kind]}`;
  const unknown = Object.keys(value).find((field) => !Object.hasOwn(shape, field));
  return unknown === undefined ? undefined : `unknown field "${unknown}"`;
}

const describe: Readonly<Record<Kind, string>> = {
  text: "a text",
  textIfThere: "a text, where it is there",
  number: "a number",
  countOrNone: "a whole number above 0, where it is there",
  flag: "true or false",
  texts: "a list of at least one text",
  textsOrNone: "a list of texts",
  textsByName: "an object of lists of texts",
  containerizer: '"auto", "oci" or "process"',
};

function isOf(value: unknown, kind: Kind): boolean {
  switch (kind) {
    case "text":
      return typeof value === "string";
    case "textIfThere":
      return value === undefined || typeof value === "string";
    case "number":
      return typeof value === "number";
    case "countOrNone":
      return value === undefined || (Number.isSafeInteger(value) && Number(value) > 0);
    case "flag":
      return typeof value === "boolean";
    case "texts":
      return isTexts(value) && value.length > 0;
    case "textsOrNone":
      return isTexts(value);
    case "textsByName":
      return isObject(value) && Object.values(value).every(isTexts);
    case "containerizer":
      return value === "auto" || value === "oci" || value === "process";
  }
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === "string");
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
