import { createSocket } from "node:dgram";
import { Resolver } from "node:dns/promises";
import { fetchJson, httpRequest, startHttpServer, type HttpServer } from "@tutti/http";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { taskHash } from "../core/task-hash.ts";
import { agent, framework, task } from "../core/testing/facts.ts";
import { openMesosDns } from "./open-mesos-dns.ts";
import type { MesosDns } from "./options.ts";

const facts = [
  { kind: "master" as const, index: 0, address: "10.0.0.1", port: 5050, leader: true },
  framework("marathon", { address: "10.0.0.9", port: 9 }),
  agent(1),
  agent(2),
  task("app.b.a", { taskId: "a.1" }),
  ...Array.from({ length: 60 }, (_, n) =>
    task("many", { taskId: `many.${n}`, containerAddresses: [`10.9.0.${n + 1}`], ports: [] }),
  ),
];

let mesosDns: MesosDns;
let http: HttpServer;
const resolver = new Resolver({ timeout: 2000, tries: 2 });

beforeAll(async () => {
  mesosDns = await openMesosDns({
    listen: [{ address: "127.0.0.1", port: 0 }],
    version: "1.2.3",
    wallMs: () => 1_700_000_000_000,
  });
  mesosDns.replace(facts);
  const [endpoint] = mesosDns.listening;
  resolver.setServers([`127.0.0.1:${endpoint?.port}`]);
  http = await startHttpServer({
    host: "127.0.0.1",
    port: 0,
    routes: mesosDns.routes,
    onError: (error) => {
      throw error;
    },
  });
});

afterAll(async () => {
  await http.close();
  await mesosDns.close();
});

async function get(path: string): Promise<unknown> {
  const { json } = await fetchJson({ method: "GET", url: `${http.url}${path}` });
  return json;
}

describe("asked by a resolver", () => {
  test("[MDN1] [MDN5] [MDN20] addresses, services, SOA and NS", async () => {
    expect(await resolver.resolve4("app-b-a.marathon.mesos")).toEqual(["10.1.0.1"]);
    expect(await resolver.resolve4("LEADER.mesos", { ttl: true })).toEqual([
      { address: "10.0.0.1", ttl: 5 },
    ]);
    expect(await resolver.resolveSrv("_app-b-a._tcp.marathon.mesos")).toMatchObject([
      { name: `app-b-a-${taskHash("a.1")}-s1.marathon.slave.mesos`, port: 31_000 },
    ]);
    expect(await resolver.resolveSoa("mesos")).toMatchObject({
      nsname: "ns1.mesos",
      hostmaster: "root.ns1.mesos",
      serial: 1_700_000_000,
    });
    expect(await resolver.resolveNs("mesos")).toEqual(["ns1.mesos"]);
  });

  test("[MDN22] an unknown name is ENOTFOUND, one without such a type ENODATA", async () => {
    await expect(resolver.resolve4("no.marathon.mesos")).rejects.toMatchObject({
      code: "ENOTFOUND",
    });
    await expect(resolver.resolve6("leader.mesos")).rejects.toMatchObject({ code: "ENODATA" });
  });

  test("[MDN1] sixty addresses come over TCP when they do not fit", async () => {
    expect((await resolver.resolve4("many.marathon.mesos")).length).toBe(60);
  });

  test("[MDN30] a change is in the next answer, and what is gone is gone", async () => {
    const late = task("late", { taskId: "late.1" });
    mesosDns.apply({ remove: [], put: [late] });
    expect(await resolver.resolve4("late.marathon.mesos")).toEqual(["10.1.0.1"]);
    mesosDns.apply({ remove: [], put: [{ ...late, agentId: "20150101-S2" }] });
    expect(await resolver.resolve4("late.marathon.mesos")).toEqual(["10.1.0.2"]);
    mesosDns.apply({ remove: ["agent/20150101-S2"], put: [agent(2, "10.77.0.2")] });
    expect(await resolver.resolve4("late.marathon.mesos")).toEqual(["10.77.0.2"]);
    mesosDns.apply({ remove: ["framework/marathon"], put: [] });
    await expect(resolver.resolve4("late.marathon.mesos")).rejects.toMatchObject({
      code: "ENOTFOUND",
    });
    await expect(resolver.resolve4("marathon.mesos")).rejects.toMatchObject({ code: "ENOTFOUND" });
    mesosDns.apply({ remove: [], put: [framework("marathon", { address: "10.0.0.9", port: 9 })] });
    expect(await resolver.resolve4("late.marathon.mesos")).toEqual(["10.77.0.2"]);
    mesosDns.replace(facts);
    await expect(resolver.resolve4("late.marathon.mesos")).rejects.toMatchObject({
      code: "ENOTFOUND",
    });
  });

  test("[MDN32] the serial number grows", async () => {
    const before = (await resolver.resolveSoa("mesos")).serial;
    mesosDns.apply({ remove: [], put: [] });
    expect((await resolver.resolveSoa("mesos")).serial).toBeGreaterThan(before);
  });

  test("[MDN31] random and truncated datagrams harm nothing", async () => {
    const [endpoint] = mesosDns.listening;
    const socket = createSocket("udp4");
    socket.connect(endpoint?.port ?? 0, "127.0.0.1");
    await new Promise((resolve) => socket.once("connect", resolve));
    const honest = [0, 9, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 5, 109, 101, 115, 111, 115, 0, 0, 6, 0, 1];
    const datagram = fc.oneof(
      fc.uint8Array({ maxLength: 600 }),
      fc.nat(honest.length).map((length) => Uint8Array.from(honest.slice(0, length))),
      fc
        .tuple(fc.nat(honest.length - 1), fc.nat(255))
        .map(([at, byte]) => Uint8Array.from(honest.with(at, byte))),
    );
    await fc.assert(
      fc.asyncProperty(datagram, async (bytes) => {
        await new Promise((resolve) => socket.send(bytes, resolve));
      }),
      { numRuns: 500 },
    );
    socket.close();
    expect(await resolver.resolve4("leader.mesos")).toEqual(["10.0.0.1"]);
    expect(mesosDns.metrics()).toMatch(/^mesos_dns_malformed_total [1-9]/m);
  });
});

describe("before the first table", () => {
  test("[MDN33] names are SERVFAIL, and 503 by HTTP, never said not to exist; the zone itself is there", async () => {
    const early = await openMesosDns({
      listen: [{ address: "127.0.0.1", port: 0 }],
      version: "1.2.3",
      wallMs: () => 1_700_000_000_000,
    });
    const own = new Resolver({ timeout: 2000, tries: 1 });
    own.setServers([`127.0.0.1:${early.listening[0]?.port}`]);
    const server = await startHttpServer({
      host: "127.0.0.1",
      port: 0,
      routes: early.routes,
      onError: (error) => {
        throw error;
      },
    });
    const names = ["leader.mesos", "slave.mesos", "app.marathon.mesos", "marathon.mesos"];
    for (const name of names) {
      await expect(own.resolve4(name)).rejects.toMatchObject({ code: "ESERVFAIL" });
    }
    expect(await own.resolveNs("mesos")).toEqual(["ns1.mesos"]);
    expect(await own.resolve4("ns1.mesos")).toEqual(["127.0.0.1"]);
    for (const path of ["hosts/leader.mesos", "services/_a._tcp.mesos", "enumerate", "axfr"]) {
      const reply = await fetchJson({ method: "GET", url: `${server.url}/v1/${path}` });
      expect([path, reply.status]).toEqual([path, 503]);
    }
    // An empty table is a table: then the same names are known not to be there.
    early.apply({ remove: [], put: [] });
    await expect(own.resolve4("app.marathon.mesos")).rejects.toMatchObject({ code: "ENOTFOUND" });
    await server.close();
    await early.close();
  });

  test("[MDN33] [NAM10] a table that was kept answers from the first question on", async () => {
    const again = await openMesosDns({ listen: [], version: "1", wallMs: () => 0, facts });
    const question = { name: "app-b-a.marathon.mesos", type: 1, class: 1 };
    expect(again.zone.answer(question)).toMatchObject({ rcode: 0, answers: [{ type: "A" }] });
    expect(again.zone.answer({ ...question, name: "no.mesos" }).rcode).toBe(3);
    await again.close();
  });
});

describe("asked by HTTP", () => {
  test("[MDN40] version and config", async () => {
    expect(await get("/v1/version")).toEqual({
      Service: "Mesos-DNS",
      URL: "https://github.com/mesosphere/mesos-dns",
      Version: "1.2.3",
    });
    expect(await get("/v1/config")).toMatchObject({ Domain: "mesos", TTL: 5, DnsOn: true });
  });

  test("[MDN41] hosts and services, and what is not there", async () => {
    expect(await get("/v1/hosts/Leader.mesos.")).toEqual([
      { host: "leader.mesos.", ip: "10.0.0.1" },
    ]);
    expect(await get("/v1/hosts/leader.*.mesos")).toEqual([
      { host: "leader.mesos.", ip: "10.0.0.1" },
    ]);
    for (const host of ["unknown", "unknown.mesos", "%20", "a%2Fb.mesos"]) {
      expect(await get(`/v1/hosts/${host}`)).toEqual([{ host: "", ip: "" }]);
    }
    expect(await get("/v1/services/_leader._tcp.mesos.")).toEqual([
      { service: "_leader._tcp.mesos.", host: "leader.mesos.", ip: "10.0.0.1", port: "5050" },
    ]);
    expect(await get("/v1/services/_x._tcp.mesos")).toEqual([
      { service: "", host: "", ip: "", port: "" },
    ]);
  });

  test("[MDN42] the ports of a host", async () => {
    const target = `app-b-a-${taskHash("a.1")}-s1.marathon.slave.mesos.`;
    expect(await get("/v1/hosts/app-b-a.marathon.mesos/ports")).toEqual(
      ["_tcp", "_udp"].map((protocol) => ({
        service: `_app-b-a.${protocol}.marathon.mesos.`,
        host: target,
        ip: "10.1.0.1",
        port: "31000",
      })),
    );
  });

  test("[MDN43] enumerate and axfr have everything", async () => {
    const enumerated = (await get("/v1/enumerate")) as {
      frameworks: { name: string; tasks: { name: string; id: string; records: unknown[] }[] }[];
    };
    expect(enumerated.frameworks.map((one) => [one.name, one.tasks.length])).toEqual([
      ["marathon", 61],
    ]);
    expect(enumerated.frameworks[0]?.tasks[0]).toMatchObject({
      name: "app.b.a",
      id: "a.1",
      records: expect.arrayContaining([
        { name: "app-b-a.marathon.mesos.", host: "10.1.0.1", rtype: "A" },
      ]) as unknown,
    });
    const axfr = (await get("/v1/axfr")) as {
      Domain: string;
      Records: Record<string, Record<string, string[]>>;
    };
    expect(axfr).toMatchObject({ Domain: "mesos", TTL: 5, Mname: "ns1.mesos." });
    expect(axfr.Records["As"]?.["many.marathon.mesos."]?.length).toBe(60);
    expect(axfr.Records["SRVs"]?.["_leader._tcp.mesos."]).toEqual(["leader.mesos.:5050"]);
    expect(axfr.Records["AAAAs"]).toEqual({});
  });

  test("[MDN43] a reader who goes away in the middle harms nothing", async () => {
    const { cancel } = await httpRequest({ method: "GET", url: `${http.url}/v1/enumerate` });
    cancel();
    expect(await get("/v1/hosts/unknown")).toEqual([{ host: "", ip: "" }]);
  });
});
