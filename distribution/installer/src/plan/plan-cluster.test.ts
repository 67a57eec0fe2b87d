import { addressV6 } from "./addresses.ts";
import { describe, expect, it } from "vitest";
import { upAnswer } from "../up-answer.ts";
import { parseClusterFile } from "./cluster-file.ts";
import { planProcesses, type MachinePaths } from "./machine-processes.ts";
import { cableName, clusterIdFrom, clusterNames, namespaceName } from "./names.ts";
import { moveCluster, planCluster } from "./plan-cluster.ts";

const options = {
  agentCount: 2,
  publicAgentCount: 1,
  isolated: true,
  open: false,
  dnsForwardZones: ["corp.example=10.0.0.1"],
  dnsSearch: ["corp.example"],
  sample: false,
  json: true,
  given: new Set<string>(),
};

const cluster = planCluster(options, {
  id: "bcdfgh",
  secret: "s3cret",
  addressing: { prefix: "10.213", subnet: 4 },
  dirCreated: true,
  host: { cpusMilli: 4_000, memMb: 16_000, diskMb: 100_000 },
});

const paths: MachinePaths = {
  stateDir: (machine, process) => `/d/${machine}/${process}`,
  workDir: (machine) => `/r/${machine}/work`,
  runtimeDir: (machine) => `/r/${machine}/containers`,
  resolvConf: (machine) => `/r/${machine}/resolv.conf`,
  cgroupParent: (machine) => `/tutti-bcdfgh/${machine}/containers`,
};

describe("the plan of a cluster", () => {
  it("[MAC9] the last line of up --json names the cluster, its machines and addresses, and the secret where one is asked for", () => {
    const { id, name, masterUrl, marathonUrl } = cluster;
    const places = { id, name, masterUrl, marathonUrl };
    expect(upAnswer(cluster)).toEqual({
      ...places,
      open: false,
      masters: [{ name: "master1", ip: "10.213.4.2" }],
      agents: [
        { name: "agent1", ip: "10.213.4.10", public: false },
        { name: "agent2", ip: "10.213.4.11", public: false },
        { name: "public1", ip: "10.213.4.12", public: true },
      ],
      secret: "s3cret",
    });
    const open = upAnswer({ ...cluster, open: true });
    expect(open).toMatchObject({ ...places, open: true });
    expect(open).not.toHaveProperty("secret");
  });

  it("[MAC9] cluster.json comes back as it was written; anything else is not a cluster", () => {
    expect(parseClusterFile(JSON.stringify(cluster))).toEqual(cluster);
    for (const text of ["", "{}", "[]", "null", JSON.stringify({ ...cluster, id: "../../etc" })])
      expect(parseClusterFile(text)).toBeUndefined();
  });

  it("[MAC4] in another subnet everything moves along and stays what it is", () => {
    const moved = moveCluster(cluster, 9);
    expect(moved.masterUrl).toBe("http://10.213.9.2:5050");
    expect(moved.marathonUrl).toBe("http://10.213.9.2:8080");
    expect(moved.agents.map((agent) => agent.ip)).toEqual([
      "10.213.9.10",
      "10.213.9.11",
      "10.213.9.12",
    ]);
    expect(moveCluster(moved, 4)).toEqual(cluster);
  });

  it("[FWD30] [FWD40] forward zones and search domains reach the DNS of each machine, and old files have none", () => {
    const host = { taskUser: "nobody", nameServers: [], hasIpv6: true };
    const ofNodes = (file: typeof cluster): unknown[] =>
      planProcesses(file, paths, host)
        .filter((process) => process.name === "node")
        .map((process) => process.config);
    const told = { forwardZones: ["corp.example=10.0.0.1"], searchDomains: ["corp.example"] };
    expect(ofNodes(cluster)).toMatchObject([told, told, told, told]);
    const { dnsForwardZones: _zones, dnsSearch: _search, ...old } = cluster;
    expect(ofNodes(old)[0]).toMatchObject({ forwardZones: [], searchDomains: [] });
  });

  it("[FWD5] [FWD6] every machine's DNS has the cluster's id and the services on masters as components", () => {
    const processes = planProcesses(cluster, paths, {
      taskUser: "nobody",
      nameServers: [],
      hasIpv6: true,
    });
    const masters = cluster.masters.map((master) => master.ip);
    const told = {
      clusterCryptoId: "bcdfgh",
      dnsComponents: { master: masters, marathon: masters },
      dnsBlacklist: [],
    };
    const nodes = processes.filter((process) => process.name === "node");
    expect(nodes.map((process) => process.config)).toMatchObject([told, told, told, told]);
  });

  it("[MAC27] [AGT42] agents tell the IPv6 address of their machine, where machines have one", () => {
    const told = (file: typeof cluster, hasIpv6: boolean): readonly unknown[] =>
      planProcesses(file, paths, { taskUser: "nobody", nameServers: [], hasIpv6 })
        .filter((process) => process.name === "agent")
        .map(({ config }) => (config as { readonly ip6?: string }).ip6);
    const addresses = cluster.agents.map(({ ip }) => addressV6(cluster.id, ip));
    expect(addresses[0]).toMatch(/^fd74:.*::a$/);
    expect(told(cluster, true)).toEqual(addresses);
    const none = addresses.map(() => undefined);
    expect(told(cluster, false)).toEqual(none);
    expect(told({ ...cluster, network: "loopback" }, true)).toEqual(none);
  });

  it("[MAC10] each machine keeps its processes, each told what it needs", () => {
    const processes = planProcesses(cluster, paths, {
      taskUser: "nobody",
      nameServers: [],
      hasIpv6: true,
    });
    expect(processes.map((p) => `${p.machine} ${p.role} ${p.name}`)).toEqual([
      "master1 master master",
      "master1 master services",
      "agent1 agent agent",
      "agent2 agent agent",
      "public1 public agent",
      "master1 master node",
      "agent1 agent node",
      "agent2 agent node",
      "public1 public node",
    ]);
    expect(processes[4]?.config).toMatchObject({
      ip: "10.213.4.12",
      hostname: "10.213.4.12",
      port: 5051,
      masters: ["http://10.213.4.2:5050"],
      attributes: "public_ip:true",
      resources: expect.stringMatching(/^cpus\(slave_public\):/),
      user: "nobody",
      containerizer: "auto",
    });
  });

  it("[MAC5] names bear the id and fit where the kernel is narrow", () => {
    const id = clusterIdFrom(new Uint8Array([0, 26, 27, 255, 1, 2, 99]));
    expect(id).toMatch(/^[a-z0-9]{6}$/);
    expect(clusterNames(id, { root: true, stateDir: "/d" }).bridge.length).toBeLessThanOrEqual(15);
    expect(cableName(id, 201).length).toBeLessThanOrEqual(15);
    expect(namespaceName(id, "agent1")).toBe(`tutti-${id}-agent1`);
    expect(clusterNames(id, { root: false, stateDir: "/d" }).runDir).toBe(`/d/run-${id}`);
  });
});
