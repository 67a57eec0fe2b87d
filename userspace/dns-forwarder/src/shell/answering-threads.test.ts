import type { Fact } from "@tutti/discovery-v1";
import fc from "fast-check";
import { createSocket } from "node:dgram";
import { afterEach, describe, expect, test } from "vitest";
import { Responder } from "@tutti/dns";
import type { Endpoint } from "@tutti/dns-sockets";
import { limits } from "../core/limits.ts";
import { AnsweringThreads } from "./answering-threads.ts";
import type { DnsForwarder } from "./options.ts";
import { ask, dataOf, openForwarder } from "./testing/forwarder.ts";
import { addressRecord, answerTo, startUpstream, type TestUpstream } from "./testing/upstream.ts";

const reports: string[] = [];
const closing: { close(): Promise<void> }[] = [];

afterEach(async () => {
  await Promise.all(closing.splice(0).map((one) => one.close()));
});

async function openWithThread(
  upstreams: TestUpstream[] = [],
  threadsMax = 2,
): Promise<DnsForwarder> {
  const forwarder = await openForwarder({
    otherThreads: "at once",
    threadsMax,
    upstreams: upstreams.map((one) => one.endpoint),
  });
  closing.push(forwarder, ...upstreams);
  return forwarder;
}

function vip(address: string): Fact {
  const names = ["web.marathon"];
  return { kind: "vip", address, port: 80, protocol: "tcp", names, backends: [] };
}

/** Asks from many ports, so that all threads are asked: the system spreads them by port. */
async function askOften(forwarder: DnsForwarder, name: string): Promise<Set<string>> {
  const answers = await Promise.all(Array.from({ length: 40 }, () => ask(forwarder, name)));
  return new Set(answers.map((answer) => `${answer.code} ${dataOf(answer).join(" ")}`));
}

function zoneQueries(forwarder: DnsForwarder): number {
  const line = /^dns_zone_queries_total\{zone="l4lb\.thisdcos\.directory\."\} (\d+)$/m;
  return Number(line.exec(forwarder.metrics())?.[1]);
}

/** Threads of a forwarder without addresses, told what time it is. */
function threadsAt(
  monoMs: () => number,
  threadsMax: number,
  endpoints: readonly Endpoint[] = [],
): AnsweringThreads {
  const responder = new Responder({
    zones: [],
    recursionAvailable: true,
    otherNames: "refuse",
    allocate: (byteCount) => new Uint8Array(byteCount),
  });
  const threads = new AnsweringThreads({
    responder,
    handBack: () => undefined,
    endpoints: () => endpoints,
    monoMs,
    threadsMax,
    report: (line) => reports.push(line),
  });
  closing.push(threads);
  return threads;
}

function countMany(threads: AnsweringThreads): void {
  for (let message = 0; message < limits.busyMessages; message += 1) threads.count();
}

describe("begun when busy", () => {
  test("[FWD43] another thread each time the first has too much, one after another, and no more than there may be", async () => {
    const threads = threadsAt(() => 0, 3);
    for (const size of [2, 3]) {
      // Messages that come while a thread begins are no reason for one more.
      for (let time = 0; time < 3; time += 1) countMany(threads);
      await expect.poll(() => threads.size, { timeout: 60_000 }).toBe(size);
      await threads.begun();
    }
    for (let time = 0; time < 3; time += 1) countMany(threads);
    await threads.begun();
    expect(threads.size).toBe(3);
  });

  test("[FWD43] one that ends is told of once, takes no place, and another may begin", async () => {
    reports.length = 0;
    // An address that no machine of this network has: each thread dies of it.
    const threads = threadsAt(() => 0, 2, [{ address: "203.0.113.1", port: 5353 }]);
    for (let time = 0; time < 2; time += 1) {
      countMany(threads);
      await threads.begun();
      expect(threads.size).toBe(1);
    }
    expect(reports).toEqual([expect.stringContaining("dns: a thread has ended: ")]);
    expect(reports[0]).toContain("EADDRNOTAVAIL");
  });

  test("[FWD43] as many messages in a longer time are no reason", async () => {
    let monoMs = 0;
    const threads = threadsAt(() => monoMs, 3);
    for (let time = 0; time < 3; time += 1) {
      monoMs += limits.busyMs;
      countMany(threads);
    }
    await threads.begun();
    expect(threads.size).toBe(1);
  });
});

describe("several threads", () => {
  const name = "web.marathon.l4lb.thisdcos.directory";

  test("[FWD8] [FWD43] [FWD44] both answer, and a change is in the next answer of both", async () => {
    const forwarder = await openWithThread();
    expect(forwarder.metrics()).toMatch(/^dns_threads 2$/m);
    expect(await askOften(forwarder, name)).toEqual(new Set(["2 "]));
    forwarder.replace([]);
    expect(await askOften(forwarder, name)).toEqual(new Set(["3 "]));
    for (const address of ["11.0.0.1", "11.0.0.2", "11.0.0.3"]) {
      forwarder.replace([vip(address)]);
      expect(await askOften(forwarder, name)).toEqual(new Set([`0 ${address}`]));
      expect(await askOften(forwarder, name)).toEqual(new Set([`0 ${address}`]));
    }
    forwarder.apply({ remove: ["vip/tcp/11.0.0.3/80"], put: [vip("11.0.0.4")] });
    expect(await askOften(forwarder, name)).toEqual(new Set(["0 11.0.0.4"]));
    forwarder.apply({ remove: ["vip/tcp/11.0.0.4/80"], put: [] });
    expect(await askOften(forwarder, name)).toEqual(new Set(["3 "]));
    expect(zoneQueries(forwarder)).toBe(10 * 40);
  });

  test("[FWD43] [FWD44] of four threads each answers, sees changes at once, and is counted", async () => {
    const forwarder = await openWithThread([], 4);
    expect(forwarder.metrics()).toMatch(/^dns_threads 4$/m);
    for (const address of ["11.0.0.1", "11.0.0.2", "11.0.0.3"]) {
      forwarder.replace([vip(address)]);
      expect(await askOften(forwarder, name)).toEqual(new Set([`0 ${address}`]));
      expect(await askOften(forwarder, name)).toEqual(new Set([`0 ${address}`]));
    }
    expect(zoneQueries(forwarder)).toBe(6 * 40);
  });

  test("[FWD20] [FWD43] names of others are found by both", async () => {
    const rest = await startUpstream((query) =>
      answerTo(query, [addressRecord(query.questions?.[0]?.name ?? "", "1.2.3.4")]),
    );
    const forwarder = await openWithThread([rest]);
    expect(await askOften(forwarder, "a.example")).toEqual(new Set(["0 1.2.3.4"]));
    expect(rest.asked.length).toBe(1);
  });

  test("[FWD43] bytes of anybody harm neither", async () => {
    const forwarder = await openWithThread();
    forwarder.replace([vip("11.0.0.1")]);
    const sockets = await Promise.all(
      Array.from({ length: 8 }, async () => {
        const socket = createSocket("udp4");
        socket.connect(forwarder.listening[0]?.port ?? 0, "127.0.0.1");
        await new Promise((resolve) => socket.once("connect", resolve));
        return socket;
      }),
    );
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), fc.nat(7), async (bytes, which) => {
        await new Promise((resolve) => sockets[which]?.send(bytes, resolve));
      }),
      { numRuns: 400 },
    );
    for (const socket of sockets) socket.close();
    expect(await askOften(forwarder, name)).toEqual(new Set(["0 11.0.0.1"]));
  });

  test("[FWD43] a second forwarder on the same port is refused, although threads share it", async () => {
    const forwarder = await openWithThread();
    await expect(openForwarder({ listen: forwarder.listening })).rejects.toMatchObject({
      code: "EADDRINUSE",
    });
    expect((await ask(forwarder, "ready.spartan")).code).toBe(0);
  });
});
