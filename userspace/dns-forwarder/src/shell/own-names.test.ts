import { Resolver } from "node:dns/promises";
import type { Fact, TaskFact } from "@tutti/discovery-v1";
import { rcodes, StampTable, type Zone } from "@tutti/dns";
import { fetchJson, startHttpServer, type HttpServer } from "@tutti/http";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { formatResolvConf } from "../core/resolv-conf.ts";
import type { DnsForwarder } from "./options.ts";
import { ask, openForwarder } from "./testing/forwarder.ts";

function task(name: string, more: Partial<TaskFact> = {}): TaskFact {
  return {
    kind: "task",
    frameworkId: "m",
    taskId: `${name}.1`,
    name,
    agentId: "S1",
    serving: true,
    containerAddresses: [],
    portsMapped: false,
    ports: [],
    ...more,
  };
}

const web = { kind: "vip" as const, address: "11.0.0.1", protocol: "tcp" as const, backends: [] };
const facts: readonly Fact[] = [
  { kind: "master", index: 0, address: "10.0.0.1", port: 5050, leader: false },
  { kind: "master", index: 1, address: "10.0.0.2", port: 5050, leader: true },
  { kind: "agent", id: "S1", hostname: "h", address: "10.1.0.1", port: 5051 },
  { kind: "framework", id: "m", name: "marathon", active: true },
  { kind: "framework", id: "p", name: "Marathon.prod", active: true },
  task("on-host"),
  task("bridge.b.a", { containerAddresses: ["172.31.0.2"], portsMapped: true }),
  task("overlay", { containerAddresses: ["9.0.0.2", "fd01::2"] }),
  task("other", { frameworkId: "p", taskId: "o" }),
  { ...web, port: 80, names: ["web.marathon"] },
  { ...web, port: 443, names: ["web.marathon", "Shop.marathon"] },
];

const mesos: Zone = {
  origin: "mesos",
  stamps: new StampTable(),
  answer: ({ name, type }) => ({
    rcode: name === "_s._tcp.mesos" || name === "leader.mesos" ? rcodes.noError : rcodes.nxDomain,
    answers:
      name === "_s._tcp.mesos" && type === 33
        ? [
            {
              name,
              ttlSeconds: 5,
              type: "SRV",
              priority: 0,
              weight: 1,
              port: 7,
              target: "leader.mesos",
            },
          ]
        : name === "leader.mesos" && type === 1
          ? [{ name, ttlSeconds: 5, type: "A", address: "10.0.0.2" }]
          : [],
    authorities: [],
    additionals: [],
  }),
  records: () => [{ name: "leader.mesos", ttlSeconds: 5, type: "A", address: "10.0.0.2" }],
};

let forwarder: DnsForwarder;
let http: HttpServer;
const resolver = new Resolver({ timeout: 2000, tries: 2 });

beforeAll(async () => {
  forwarder = await openForwarder({
    listen: [
      { address: "127.0.0.1", port: 0 },
      { address: "127.0.0.3", port: 0 },
    ],
    bindBlacklist: ["127.0.0.3"],
    zones: [mesos],
    components: { Registry: ["10.9.9.9"] },
    clusterCryptoId: "Yorkie",
  });
  forwarder.replace(facts);
  resolver.setServers([`127.0.0.1:${forwarder.listening[0]?.port}`]);
  http = await startHttpServer({
    host: "127.0.0.1",
    port: 0,
    routes: forwarder.routes,
    onError: (error) => {
      throw error;
    },
  });
});

afterAll(async () => {
  await http.close();
  await forwarder.close();
});

async function addressesOf(name: string): Promise<string[] | string> {
  const found = await Promise.allSettled([resolver.resolve4(name), resolver.resolve6(name)]);
  const addresses = found.flatMap((one) => (one.status === "fulfilled" ? one.value : []));
  const [failed] = found;
  if (addresses.length === 0 && failed?.status === "rejected") {
    return (failed.reason as NodeJS.ErrnoException).code ?? "";
  }
  return addresses.toSorted();
}

describe("names below our zones, asked by a resolver", () => {
  test.each([
    ["[FWD1]", "on-host.marathon.autoip.dcos.thisdcos.directory", ["10.1.0.1"]],
    ["[FWD1]", "on-host.marathon.agentip.dcos.thisdcos.directory", ["10.1.0.1"]],
    ["[FWD1]", "on-host.marathon.containerip.dcos.thisdcos.directory", "ENODATA"],
    ["[FWD1]", "bridge-b-a.marathon.autoip.dcos.thisdcos.directory", ["10.1.0.1"]],
    ["[FWD1]", "bridge-b-a.marathon.containerip.dcos.thisdcos.directory", ["172.31.0.2"]],
    ["[FWD1]", "Overlay.Marathon.autoip.dcos.thisdcos.directory", ["9.0.0.2", "fd01::2"]],
    ["[FWD1]", "overlay.marathon.agentip.dcos.thisdcos.directory", ["10.1.0.1"]],
    ["[FWD1]", "other.marathon-prod.autoip.dcos.thisdcos.directory", ["10.1.0.1"]],
    ["[FWD1]", "none.marathon.autoip.dcos.thisdcos.directory", "ENOTFOUND"],
    ["[FWD1]", "marathon.autoip.dcos.thisdcos.directory", "ENODATA"],
    ["[FWD2]", "leader.dcos.thisdcos.directory", ["10.0.0.2"]],
    ["[FWD2]", "master.dcos.thisdcos.directory", ["10.0.0.1", "10.0.0.2"]],
    ["[FWD2]", "master0.dcos.thisdcos.directory", ["10.0.0.1"]],
    ["[FWD2]", "master2.dcos.thisdcos.directory", "ENOTFOUND"],
    ["[FWD2]", "slave.dcos.thisdcos.directory", ["10.1.0.1"]],
    ["[FWD3]", "web.marathon.l4lb.thisdcos.directory", ["11.0.0.1"]],
    ["[FWD3]", "shop.marathon.l4lb.thisdcos.directory", ["11.0.0.1"]],
    ["[FWD3]", "no.marathon.l4lb.thisdcos.directory", "ENOTFOUND"],
    ["[FWD4]", "leader.mesos", ["10.0.0.2"]],
    ["[FWD4]", "leader.mesos.thisdcos.directory", ["10.0.0.2"]],
    ["[FWD5]", "web.marathon.dclb.thisdcos.directory", ["11.0.0.1"]],
    ["[FWD5]", "web.marathon.l4lb.thisdcos.global", ["11.0.0.1"]],
    ["[FWD5]", "leader.mesos.thisdcos.global", ["10.0.0.2"]],
    ["[FWD5]", "overlay.marathon.agentip.dcos.yorkie.dcos.directory", ["10.1.0.1"]],
    ["[FWD6]", "zk-1.zk", ["10.0.0.1"]],
    ["[FWD6]", "zk-2.zk", ["10.0.0.2"]],
    ["[FWD6]", "zk-5.zk", ["10.0.0.1"]],
    ["[FWD6]", "zk-6.zk", "ENOTFOUND"],
    ["[FWD6]", "ready.spartan", ["127.0.0.1"]],
    ["[FWD6]", "registry.component.thisdcos.directory", ["10.9.9.9"]],
    ["[FWD7]", "nothing.thisdcos.directory", "ENOTFOUND"],
    ["[FWD7]", "a.b.c.yorkie.dcos.directory", "ENOTFOUND"],
  ] as const)("%s %s", async (_rule, name, expected) => {
    expect(await addressesOf(name)).toEqual(expected);
  });

  test("[FWD4] services of a mirrored zone lead to mirrored names", async () => {
    expect(await resolver.resolveSrv("_s._tcp.mesos.thisdcos.directory")).toMatchObject([
      { name: "leader.mesos.thisdcos.directory", port: 7 },
    ]);
  });

  test("[FWD7] time to live, SOA and NS", async () => {
    const [first] = await resolver.resolve4("leader.dcos.thisdcos.directory", { ttl: true });
    expect(first?.ttl).toBe(5);
    const soa = await resolver.resolveSoa("l4lb.thisdcos.directory");
    expect(soa).toMatchObject({ nsname: "ns.spartan", minttl: 1 });
    expect(await resolver.resolveNs("dcos.thisdcos.directory")).toEqual(["ns.spartan"]);
  });

  test("[FWD9] an address of the blacklist is not bound", () => {
    expect(forwarder.listening.map((one) => one.address)).toEqual(["127.0.0.1"]);
  });

  test("[FWD8] [FWD3] a change is in the next answer; a name goes with its last port", async () => {
    const name = "web.marathon.l4lb.thisdcos.directory";
    forwarder.apply({ remove: ["vip/tcp/11.0.0.1/80"], put: [] });
    expect(await addressesOf(name)).toEqual(["11.0.0.1"]);
    forwarder.apply({ remove: ["vip/tcp/11.0.0.1/443"], put: [] });
    expect(await addressesOf(name)).toBe("ENOTFOUND");
    forwarder.apply({ remove: [], put: [{ ...web, port: 80, names: ["web.marathon"] }] });
    expect(await addressesOf(name)).toEqual(["11.0.0.1"]);
    const auto = "on-host.marathon.autoip.dcos.thisdcos.directory";
    forwarder.apply({
      remove: [],
      put: [{ kind: "agent", id: "S1", hostname: "h", address: "10.1.0.9", port: 5051 }],
    });
    expect(await addressesOf(auto)).toEqual(["10.1.0.9"]);
    forwarder.apply({ remove: ["framework/m"], put: [] });
    expect(await addressesOf(auto)).toBe("ENOTFOUND");
    forwarder.replace(facts);
    expect(await addressesOf(auto)).toEqual(["10.1.0.1"]);
  });
});

describe("before the first table", () => {
  const unknown = [
    "on-host.marathon.autoip.dcos.thisdcos.directory",
    "leader.dcos.thisdcos.directory",
    "web.marathon.l4lb.thisdcos.directory",
    "web.marathon.dclb.thisdcos.global",
    "zk-1.zk",
  ];

  test("[FWD44] names of the cluster are SERVFAIL, and 503 by HTTP, never said not to exist; fixed ones are there", async () => {
    const early = await openForwarder();
    const server = await startHttpServer({
      host: "127.0.0.1",
      port: 0,
      routes: early.routes,
      onError: (error) => {
        throw error;
      },
    });
    for (const name of unknown) {
      const answered = await ask(early, name);
      expect([name, answered.code, answered.flag_aa]).toEqual([name, rcodes.servFail, false]);
      expect(answered.authorities).toEqual([]);
    }
    expect((await ask(early, "ready.spartan")).code).toBe(rcodes.noError);
    expect((await ask(early, "a.localhost")).code).toBe(rcodes.noError);
    expect((await ask(early, "nothing.thisdcos.directory")).code).toBe(rcodes.nxDomain);
    expect((await ask(early, "dcos.thisdcos.directory", { type: "SOA" })).code).toBe(0);
    expect(early.metrics()).toMatch(
      /^dns_zone_servfail_total\{zone="dcos\.thisdcos\.directory\."\} 2$/m,
    );
    for (const path of ["hosts/leader.dcos.thisdcos.directory", "services/_a._tcp.zk", "records"]) {
      const reply = await fetchJson({ method: "GET", url: `${server.url}/v1/${path}` });
      expect([path, reply.status]).toEqual([path, 503]);
    }
    // An empty table is a table: then the same names are known not to be there.
    early.apply({ remove: [], put: [] });
    for (const name of unknown) {
      expect((await ask(early, name)).code).not.toBe(rcodes.servFail);
    }
    expect((await ask(early, unknown[0] ?? "")).code).toBe(rcodes.nxDomain);
    await server.close();
    await early.close();
  });

  test("[FWD44] names of VIPs that wait for their way are SERVFAIL, while other names are answered", async () => {
    const early = await openForwarder();
    early.apply(
      { remove: [], put: facts.filter((fact) => fact.kind !== "vip") },
      { vipsFollow: true },
    );
    expect((await ask(early, unknown[0] ?? "")).code).toBe(rcodes.noError);
    expect((await ask(early, "gone.marathon.autoip.dcos.thisdcos.directory")).code).toBe(3);
    expect((await ask(early, "web.marathon.l4lb.thisdcos.directory")).code).toBe(rcodes.servFail);
    early.apply({ remove: [], put: facts.filter((fact) => fact.kind === "vip") });
    expect((await ask(early, "web.marathon.l4lb.thisdcos.directory")).code).toBe(rcodes.noError);
    expect((await ask(early, "no.marathon.l4lb.thisdcos.directory")).code).toBe(rcodes.nxDomain);
    await early.close();
  });

  test("[FWD44] [NAM10] a table that was kept answers from the first question on", async () => {
    const again = await openForwarder({ facts });
    expect((await ask(again, "web.marathon.l4lb.thisdcos.directory")).code).toBe(rcodes.noError);
    expect((await ask(again, unknown[0] ?? "")).code).toBe(rcodes.noError);
    expect((await ask(again, "no.marathon.l4lb.thisdcos.directory")).code).toBe(rcodes.nxDomain);
    await again.close();
  });
});

describe("what else it tells", () => {
  async function get(path: string): Promise<{ readonly status: number; readonly json: unknown }> {
    return fetchJson({ method: "GET", url: `${http.url}${path}` });
  }

  test("[FWD41] metrics by zone, and the age of the table", () => {
    const text = forwarder.metrics();
    expect(text).toMatch(/^dns_zone_queries_total\{zone="l4lb\.thisdcos\.directory\."\} [1-9]/m);
    expect(text).toMatch(/^dns_zone_nxdomain_total\{zone="l4lb\.thisdcos\.directory\."\} [1-9]/m);
    expect(text).toMatch(/^dns_table_age_seconds 1\.5$/m);
  });

  test("[FWD42] hosts, services and records by HTTP", async () => {
    expect((await get("/v1/version")).json).toEqual({ Service: "dcos-dns", Version: "1.2.3" });
    expect((await get("/v1/config")).status).toBe(501);
    expect((await get("/v1/enumerate")).status).toBe(501);
    const host = "leader.dcos.thisdcos.directory";
    expect((await get(`/v1/hosts/${host}.`)).json).toEqual([{ host, ip: "10.0.0.2" }]);
    expect((await get("/v1/hosts/no.thisdcos.directory")).json).toEqual([]);
    expect((await get("/v1/hosts/example.org")).json).toEqual([]);
    expect((await get("/v1/services/_s._tcp.mesos")).json).toEqual([
      { service: "_s._tcp.mesos", host: "leader.mesos", port: 7, ip: "10.0.0.2" },
    ]);
    const records = (await get("/v1/records")).json as { name: string }[];
    expect(records).toContainEqual({ name: host, host: "10.0.0.2", rtype: "A" });
    expect(records).toContainEqual({ name: "leader.mesos", host: "10.0.0.2", rtype: "A" });
    expect(records.filter((record) => record.name.includes("global"))).toEqual([]);
  });

  test("[FWD40] resolv.conf for containers", () => {
    const nameServers = ["198.51.100.1", "198.51.100.2", "198.51.100.3", "198.51.100.4"];
    expect(formatResolvConf({ nameServers })).toBe(
      "nameserver 198.51.100.1\nnameserver 198.51.100.2\nnameserver 198.51.100.3\n",
    );
    expect(
      formatResolvConf({ nameServers: ["::1"], search: ["a.b", "c"], options: ["ndots:1"] }),
    ).toBe("search a.b c\nnameserver ::1\noptions ndots:1\n");
  });
});
