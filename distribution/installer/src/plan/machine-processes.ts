import type {
  AgentFile,
  ConfigFiles,
  MarathonFile,
  MasterFile,
  NodeFile,
  ProcessName,
} from "@tutti/node";
import { addressV6, dnsAddresses, hostAddress } from "./addresses.ts";
import { ports, type AgentMachine, type ClusterFile, type MasterMachine } from "./cluster-file.ts";

/** A process that a machine keeps running. */
export interface MachineProcess {
  readonly machine: string;
  readonly role: "master" | "agent" | "public";
  readonly ip: string;
  readonly name: ProcessName;
  /** What the process is told; written to a file that only its owner reads. */
  readonly config: ConfigFiles[ProcessName];
}

/** Where a machine keeps its things. */
export interface MachinePaths {
  /** Own state of one process. */
  stateDir(machine: string, process: string): string;
  /** Sandboxes, under a path that every user can walk. */
  workDir(machine: string): string;
  /** Containers while they live. */
  runtimeDir(machine: string): string;
  /** Cgroup path of the machine's containers. */
  cgroupParent(machine: string): string;
  /** What tasks of the machine get as /etc/resolv.conf. */
  resolvConf(machine: string): string;
}

/** What the host tells the plan. */
export interface HostFacts {
  readonly taskUser: string;
  /** DNS servers that the host asks and a machine could reach. */
  readonly nameServers: readonly string[];
  /** Whether machines with a network of their own have an IPv6 address in it. */
  readonly hasIpv6: boolean;
}

/** All processes of a cluster with what each is told: the files that `@tutti/node` reads. */
export function planProcesses(
  cluster: ClusterFile,
  paths: MachinePaths,
  { taskUser, nameServers, hasIpv6 }: HostFacts,
): readonly MachineProcess[] {
  const masters = cluster.masters.map((m) => `http://${m.ip}:${String(ports.master)}`);
  return [
    ...cluster.masters.flatMap((machine) => masterProcesses(cluster, paths, machine, taskUser)),
    ...cluster.agents.map((agent) =>
      agentProcess(cluster, paths, agent, { masters, taskUser, hasIpv6 }),
    ),
    ...[
      ...cluster.masters.map(({ name, ip }) => ({ name, ip, role: "master" as const })),
      ...cluster.agents.map((agent) => ({ ...agent, role: roleOf(agent) })),
    ].map((machine) => nodeProcess(cluster, paths, machine, nameServers)),
  ];
}

function masterProcesses(
  cluster: ClusterFile,
  paths: MachinePaths,
  { name: machine, ip }: MasterMachine,
  taskUser: string,
): readonly MachineProcess[] {
  const common = { ip, hostname: ip, secret: cluster.secret, open: cluster.open };
  const master: MasterFile = {
    ...common,
    port: ports.master,
    clusterName: cluster.name,
    stateDir: paths.stateDir(machine, "master"),
  };
  const marathon: MarathonFile = {
    ...common,
    port: ports.marathon,
    masters: [`http://${ip}:${String(ports.master)}`],
    stateDir: paths.stateDir(machine, "marathon"),
    user: taskUser,
  };
  const place = { machine, role: "master", ip } as const;
  return [
    { ...place, name: "master", config: master },
    { ...place, name: "services", config: { marathon } },
  ];
}

function agentProcess(
  cluster: ClusterFile,
  paths: MachinePaths,
  agent: AgentMachine,
  common: Pick<HostFacts, "taskUser" | "hasIpv6"> & { readonly masters: readonly string[] },
): MachineProcess {
  const { name: machine, ip } = agent;
  const config: AgentFile = {
    ...{ ip, hostname: ip, port: ports.agent, secret: cluster.secret, open: cluster.open },
    ...(common.hasIpv6 && cluster.network === "namespaces"
      ? { ip6: addressV6(cluster.id, ip) }
      : {}),
    masters: common.masters,
    resources: agent.resources,
    attributes: agent.public ? "public_ip:true" : "",
    workDir: paths.workDir(machine),
    runtimeDir: paths.runtimeDir(machine),
    cgroupParent: paths.cgroupParent(machine),
    user: common.taskUser,
    containerizer: cluster.network === "namespaces" ? "auto" : "process",
    stateMark: cluster.name,
    resolvConf: cluster.network === "namespaces" ? paths.resolvConf(machine) : "",
    discoveries: cluster.masters.map((m) => `http://${m.ip}:${String(ports.node)}`),
  };
  return { machine, role: roleOf(agent), ip, name: "agent", config };
}

function roleOf(agent: AgentMachine): "agent" | "public" {
  return agent.public ? "public" : "agent";
}

/** Names and virtual IPs, on every machine. Without root they are there as far as a user's process goes. */
function nodeProcess(
  cluster: ClusterFile,
  paths: MachinePaths,
  { name: machine, ip, role }: Pick<MachineProcess, "ip" | "role"> & { readonly name: string },
  nameServers: readonly string[],
): MachineProcess {
  const isReal = cluster.network === "namespaces";
  const masterAddresses = cluster.masters.map((master) => master.ip);
  const urls = (port: number): readonly string[] =>
    cluster.masters.map((master) => `http://${master.ip}:${String(port)}`);
  const config: NodeFile = {
    ...{ ip, hostname: ip, port: ports.node, secret: cluster.secret, open: cluster.open },
    machine,
    isMaster: role === "master",
    masters: urls(ports.master),
    discoveries: urls(ports.node),
    stateDir: paths.stateDir(machine, "node"),
    dnsAddresses: isReal ? dnsAddresses : [ip],
    dnsPort: isReal ? ports.dns : ports.dnsWithoutRoot,
    dnsBlacklist: [],
    dnsComponents: { master: masterAddresses, marathon: masterAddresses },
    clusterCryptoId: cluster.id,
    upstreams: cluster.isolated ? [] : nameServers,
    forwardZones: cluster.dnsForwardZones ?? [],
    // The host's end of the bridge, also where nothing is routed through it.
    routers: isReal ? [hostAddress({ prefix: "10.213", subnet: cluster.subnet })] : [],
    searchDomains: cluster.dnsSearch ?? [],
    resolvConf: isReal ? paths.resolvConf(machine) : "",
    virtualIps: isReal,
  };
  return { machine, role, ip, name: "node", config };
}
