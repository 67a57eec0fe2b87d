/** What the host has. */
export interface HostCapacity {
  readonly cpusMilli: number;
  readonly memMb: number;
  readonly diskMb: number;
}

/** What one agent offers. */
export interface AgentShare extends HostCapacity {
  readonly ports: readonly PortRange[];
}

/** Ports from `begin` to `end`, both included. */
export interface PortRange {
  readonly begin: number;
  readonly end: number;
}

/** Part of each of the host's resources that no agent offers. */
const reserve = 0.1;
/** Memory and disk kept back at least, unless that were more than half. */
const memReserveMb = 1024;
const diskReserveMb = 5 * 1024;
/** Every agent offers at least one cpu: Marathon's default for an app, and cpu time can be shared. */
const cpusMilliMin = 1000;

/** Ports of a private and of a public agent, as DC/OS configures them. */
const privatePorts: readonly PortRange[] = [
  { begin: 1025, end: 2180 },
  { begin: 2182, end: 3887 },
  { begin: 3889, end: 5049 },
  { begin: 5052, end: 8079 },
  { begin: 8082, end: 8180 },
  { begin: 8182, end: 32000 },
];
const publicPorts: readonly PortRange[] = [
  { begin: 1, end: 21 },
  { begin: 23, end: 5050 },
  { begin: 5052, end: 32000 },
];

/**
 * The host divided evenly among `agents`, less a reserve; memory and disk in whole megabytes, cpus in tenths.
 * Machines that share one network stack (`loopback`) also divide the ports.
 */
export function divideHost(
  host: HostCapacity,
  agents: readonly { readonly public: boolean }[],
  network: "namespaces" | "loopback",
): readonly AgentShare[] {
  const count = Math.max(1, agents.length);
  const share: HostCapacity = {
    cpusMilli: Math.max(cpusMilliMin, floorTo((host.cpusMilli * (1 - reserve)) / count, 100)),
    memMb: divided(host.memMb, memReserveMb, count),
    diskMb: divided(host.diskMb, diskReserveMb, count),
  };
  return agents.map((agent, index) => ({
    ...share,
    ports:
      network === "loopback"
        ? [loopbackPorts(index, count)]
        : agent.public
          ? publicPorts
          : privatePorts,
  }));
}

function divided(total: number, reserveMin: number, count: number): number {
  const kept = Math.min(total / 2, Math.max(reserveMin, total * reserve));
  return Math.floor((total - kept) / count);
}

function floorTo(value: number, unit: number): number {
  return Math.floor(value / unit) * unit;
}

/** A slice of 10000–31999 for each agent, at most a thousand ports. */
function loopbackPorts(index: number, count: number): PortRange {
  const size = Math.min(1000, Math.floor(22_000 / count));
  const begin = 10_000 + index * size;
  return { begin, end: begin + size - 1 };
}

/** Resources in the form of Mesos's `--resources` flag, with the role of a public agent where it is one. */
export function formatShare(share: AgentShare, role: string | undefined): string {
  const at = role === undefined ? "" : `(${role})`;
  const ports = share.ports.map((r) => `${String(r.begin)}-${String(r.end)}`).join(",");
  return [
    `cpus${at}:${String(share.cpusMilli / 1000)}`,
    `mem${at}:${String(share.memMb)}`,
    `disk${at}:${String(share.diskMb)}`,
    `ports${at}:[${ports}]`,
  ].join(";");
}
