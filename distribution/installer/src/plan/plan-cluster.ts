import type { UpOptions } from "../options.ts";
import { agentAddress, masterAddress, type Addressing } from "./addresses.ts";
import { divideHost, formatShare, type HostCapacity } from "./divide.ts";
import { ports, type AgentMachine, type ClusterFile } from "./cluster-file.ts";

/** What a new cluster is made of; everything else follows from the options. */
export interface ClusterSeed {
  readonly id: string;
  readonly secret: string;
  readonly addressing: Addressing;
  readonly dirCreated: boolean;
  readonly host: HostCapacity;
}

/** A new cluster: one master, private agents, public agents, in this order. */
export function planCluster(options: UpOptions, seed: ClusterSeed): ClusterFile {
  const { addressing } = seed;
  const masterIp = masterAddress(addressing, 0);
  const network = addressing.prefix === "10.213" ? "namespaces" : "loopback";
  const kinds = [
    ...Array.from({ length: options.agentCount }, () => ({ public: false })),
    ...Array.from({ length: options.publicAgentCount }, () => ({ public: true })),
  ];
  const shares = divideHost(seed.host, kinds, network);
  const agents = shares.map((share, index): AgentMachine => {
    const isPublic = kinds[index]?.public === true;
    const number = isPublic ? index - options.agentCount + 1 : index + 1;
    return {
      name: `${isPublic ? "public" : "agent"}${String(number)}`,
      ip: agentAddress(addressing, index),
      public: isPublic,
      // Everything of a public agent belongs to this role, as DC/OS has it.
      resources: formatShare(share, isPublic ? "slave_public" : undefined),
    };
  });
  return {
    schema: 1,
    id: seed.id,
    name: `tutti-${seed.id}`,
    network,
    subnet: addressing.subnet,
    isolated: options.isolated,
    open: options.open,
    dnsForwardZones: options.dnsForwardZones,
    dnsSearch: options.dnsSearch,
    secret: seed.secret,
    masters: [{ name: "master1", ip: masterIp }],
    agents,
    masterUrl: `http://${masterIp}:${String(ports.master)}`,
    marathonUrl: `http://${masterIp}:${String(ports.marathon)}`,
    dirCreated: seed.dirCreated,
  };
}

/** The same cluster in another subnet: after a boot the old one may be taken. */
export function moveCluster(file: ClusterFile, subnet: number): ClusterFile {
  const addressing: Addressing = {
    prefix: file.network === "namespaces" ? "10.213" : "127.213",
    subnet,
  };
  const masterIp = masterAddress(addressing, 0);
  return {
    ...file,
    subnet,
    masters: file.masters.map((master, index) => ({
      ...master,
      ip: masterAddress(addressing, index),
    })),
    agents: file.agents.map((agent, index) => ({ ...agent, ip: agentAddress(addressing, index) })),
    masterUrl: `http://${masterIp}:${String(ports.master)}`,
    marathonUrl: `http://${masterIp}:${String(ports.marathon)}`,
  };
}
