import { Resolver } from "node:dns/promises";
import { decodeMessage, encodeQuery, recordTypes, type Message } from "@tutti/dns";
import { askByTcp, askByUdp, startDnsServer } from "@tutti/dns-sockets";
import { fetchJson, startHttpServer } from "@tutti/http";
import { afterEach, describe, expect, test } from "vitest";
import { openMesosDns } from "./open-mesos-dns.ts";
import type { MesosDns, ResolveOthers } from "./options.ts";

const closing: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  await Promise.all(closing.splice(0).map((close) => close()));
});

async function open(resolveOthers?: ResolveOthers): Promise<MesosDns> {
  const mesosDns = await openMesosDns({
    listen: [{ address: "127.0.0.1", port: 0 }],
    version: "1.2.3",
    wallMs: () => 0,
    facts: [{ kind: "master", index: 0, address: "10.0.0.1", port: 5050, leader: true }],
    ...(resolveOthers === undefined ? {} : { resolveOthers }),
  });
  closing.push(() => mesosDns.close());
  return mesosDns;
}

/** A server of somebody else, where every name has `count` addresses from 192.0.2.1 on, and a way to ask it. */
async function upstream(count: number): Promise<ResolveOthers> {
  const server = await startDnsServer({
    address: "127.0.0.1",
    port: 0,
    receive: (query, from) => {
      const end = query.indexOf(0, 12) + 5;
      const fits = from.transport === "tcp" || end + count * 16 <= 512;
      const records = Array.from({ length: fits ? count : 0 }, (_, n) => {
        return [0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 192, 0, 2, n + 1];
      });
      const flags = [fits ? 0x81 : 0x83, 0x80, 0, 1, 0, records.length, 0, 0, 0, 0];
      const head = [...query.subarray(0, 2), ...flags, ...query.subarray(12, end)];
      from.reply(Uint8Array.from([...head, ...records.flat()]));
    },
  });
  closing.push(() => server.close());
  return (message, { transport }) => {
    const ask = transport === "tcp" ? askByTcp : askByUdp;
    return ask({ server: server.endpoint, message, accept: () => true, timeoutMs: 60_000 });
  };
}

async function asked(
  mesosDns: MesosDns,
  name: string,
  ask: typeof askByUdp,
): Promise<{ readonly message: Message; readonly rcode: number; readonly isRecursive: boolean }> {
  const [server] = mesosDns.listening;
  if (server === undefined) throw new Error("it does not listen");
  const question = { name, type: recordTypes.a, class: 1 };
  const query = encodeQuery(question, { id: 7, recursionDesired: true, edns: false });
  if (query === undefined) throw new Error("the name cannot be written");
  const bytes = await ask({ server, message: query, accept: () => true, timeoutMs: 60_000 });
  const message = decodeMessage(bytes);
  if (message === undefined) throw new Error("the reply is no message");
  const flags = bytes[3] ?? 0;
  return { message, rcode: flags & 15, isRecursive: (flags & 0x80) !== 0 };
}

describe("names of others", () => {
  test("[MDN50] are looked up for a client that has no other resolver, by UDP and TCP", async () => {
    const mesosDns = await open(await upstream(60));
    const resolver = new Resolver({ timeout: 5000, tries: 1 });
    resolver.setServers([`127.0.0.1:${mesosDns.listening[0]?.port}`]);
    // They do not fit a datagram: the resolver comes again by TCP.
    const addresses = await resolver.resolve4("www.example.com");
    expect([addresses.length, addresses[0]]).toEqual([60, "192.0.2.1"]);
    expect(await resolver.resolve4("leader.mesos")).toEqual(["10.0.0.1"]);
    expect(mesosDns.metrics()).toMatch(/^mesos_dns_other_queries_total 2$/m);
    expect(mesosDns.metrics()).toMatch(/^mesos_dns_other_failures_total 0$/m);
  });

  test("[MDN50] RA is set in every answer, and the API says RecurseOn", async () => {
    const mesosDns = await open(await upstream(1));
    for (const ask of [askByUdp, askByTcp]) {
      for (const name of ["www.example.com", "leader.mesos", "no.mesos"]) {
        expect([name, (await asked(mesosDns, name, ask)).isRecursive]).toEqual([name, true]);
      }
    }
    const server = await startHttpServer({
      host: "127.0.0.1",
      port: 0,
      routes: mesosDns.routes,
      onError: (error) => {
        throw error;
      },
    });
    closing.push(() => server.close());
    const reply = await fetchJson({ method: "GET", url: `${server.url}/v1/config` });
    expect(reply.json).toMatchObject({ RecurseOn: true });
  });

  test("[MDN50] are SERVFAIL where the resolver has no answer, or fails", async () => {
    const resolvers: readonly ResolveOthers[] = [
      () => Promise.resolve(undefined),
      () => Promise.reject(new Error("no")),
    ];
    for (const resolveOthers of resolvers) {
      const mesosDns = await open(resolveOthers);
      for (const ask of [askByUdp, askByTcp]) {
        expect(await asked(mesosDns, "www.example.com", ask)).toMatchObject({
          rcode: 2,
          isRecursive: true,
        });
      }
      expect((await asked(mesosDns, "leader.mesos", askByUdp)).rcode).toBe(0);
      expect(mesosDns.metrics()).toMatch(/^mesos_dns_other_failures_total 2$/m);
    }
  });

  test("[MDN50] are REFUSED without a resolver", async () => {
    const mesosDns = await open();
    expect(await asked(mesosDns, "www.example.com", askByUdp)).toMatchObject({
      rcode: 5,
      isRecursive: false,
    });
  });
});
