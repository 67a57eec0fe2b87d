import { createSocket } from "node:dgram";
import { connect } from "node:net";
import { Fault } from "@tutti/base";
import fc from "fast-check";
import { afterEach, describe, expect, test } from "vitest";
import { askByTcp, askByUdp } from "./ask.ts";
import { startDnsServer } from "./server.ts";
import { FrameReader, frameMessage } from "./tcp-framing.ts";
import type { Client, DnsServer, DnsServerOptions } from "./types.ts";

const opened: DnsServer[] = [];

afterEach(async () => {
  await Promise.all(opened.splice(0).map((server) => server.close()));
});

/** A server that answers with what it got, turned round. */
async function serve(options: Partial<DnsServerOptions> = {}): Promise<DnsServer> {
  const receive = (message: Uint8Array, from: Client): void => from.reply(message.toReversed());
  const server = await startDnsServer({ address: "127.0.0.1", port: 0, receive, ...options });
  opened.push(server);
  return server;
}

/** Sockets of UDP that this process has. */
function udpSocketCount(): number {
  return process.getActiveResourcesInfo().filter((name) => name === "UDPWrap").length;
}

const message = Uint8Array.from([1, 2, 3]);
const accept = (reply: Uint8Array): boolean => reply.length === 3;

describe("a DNS server", () => {
  test("[DSK1] answers by UDP and TCP on one port, IPv4 and IPv6", async () => {
    for (const address of ["127.0.0.1", "::1"]) {
      const { endpoint } = await serve({ address });
      for (const ask of [askByUdp, askByTcp]) {
        const reply = await ask({ server: endpoint, message, accept, timeoutMs: 60_000 });
        expect([...reply]).toEqual([3, 2, 1]);
      }
    }
  });

  test("[DSK1] a port in use is a fault, and leaves nothing open", async () => {
    const { endpoint } = await serve();
    await expect(serve(endpoint)).rejects.toMatchObject({ code: "EADDRINUSE" });
    await expect.poll(udpSocketCount, { timeout: 10_000 }).toBe(1);
    await opened.splice(0)[0]?.close();
    await serve(endpoint);
  });

  test("[DSK2] queries over TCP in any pieces, several on one connection", async () => {
    const { endpoint } = await serve();
    const frames = new FrameReader(100);
    const replies: number[][] = [];
    const socket = connect(endpoint.port, endpoint.address);
    const done = new Promise<void>((resolve) => {
      socket.on("data", (piece: Uint8Array) => {
        for (const reply of frames.push(piece) ?? []) replies.push([...reply]);
        if (replies.length === 3) resolve();
      });
    });
    for (const byte of [
      ...frameMessage(message),
      ...frameMessage(message),
      ...frameMessage(message),
    ])
      socket.write(Uint8Array.from([byte]));
    await done;
    socket.destroy();
    expect(replies).toEqual([
      [3, 2, 1],
      [3, 2, 1],
      [3, 2, 1],
    ]);
  });

  test("[DSK3] a client that announces too much is cut", async () => {
    const { endpoint } = await serve();
    const socket = connect(endpoint.port, endpoint.address);
    const closed = new Promise((resolve) => socket.on("close", resolve));
    socket.write(Uint8Array.from([0xff, 0xff, 1, 2, 3]));
    await closed;
  });

  test("[DSK3] a client that reads nothing is cut", async () => {
    const { endpoint } = await serve({
      receive: (_message, from) => {
        for (let count = 0; count < 200; count += 1) from.reply(new Uint8Array(60_000));
      },
    });
    const socket = connect(endpoint.port, endpoint.address);
    const closed = new Promise((resolve) => socket.on("close", resolve));
    socket.on("error", () => undefined);
    socket.write(frameMessage(message));
    await new Promise((resolve) => socket.once("readable", resolve));
    socket.resume();
    await closed;
  });

  test("[DSK4] replies after the end go nowhere", async () => {
    const clients: Client[] = [];
    const got = Promise.withResolvers<void>();
    const server = await serve({
      receive: (_message, from) => {
        clients.push(from);
        if (clients.length === 2) got.resolve();
      },
    });
    const asked = [askByUdp, askByTcp].map((ask) =>
      ask({ server: server.endpoint, message, accept, timeoutMs: 500 }).catch(() => undefined),
    );
    await got.promise;
    await opened.splice(0)[0]?.close();
    for (const client of clients) client.reply(message);
    await Promise.all(asked);
  });

  test("[DSK7] datagrams of any bytes harm nothing", async () => {
    const { endpoint } = await serve();
    const socket = createSocket("udp4");
    socket.connect(endpoint.port, endpoint.address);
    await new Promise((resolve) => socket.once("connect", resolve));
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 2000 }), async (bytes) => {
        await new Promise((resolve) => socket.send(bytes, resolve));
      }),
    );
    socket.close();
    const reply = await askByUdp({ server: endpoint, message, accept, timeoutMs: 60_000 });
    expect([...reply]).toEqual([3, 2, 1]);
  });
});

describe("asking", () => {
  test("[DSK5] each question has a port of its own", async () => {
    const ports = new Set<string>();
    const socket = createSocket("udp4", (query, from) => {
      ports.add(String(from.port));
      socket.send(query, from.port, from.address);
    });
    await new Promise<void>((resolve) => socket.bind(0, "127.0.0.1", resolve));
    const server = { address: "127.0.0.1", port: socket.address().port };
    await Promise.all(
      Array.from({ length: 50 }, () => askByUdp({ server, message, accept, timeoutMs: 60_000 })),
    );
    socket.close();
    expect(ports.size).toBeGreaterThan(40);
  });

  test("[DSK5] [DSK6] replies that are not accepted are as none, and then it is late", async () => {
    const { endpoint } = await serve();
    for (const ask of [askByUdp, askByTcp]) {
      const asked = ask({ server: endpoint, message, accept: () => false, timeoutMs: 50 });
      await expect(asked).rejects.toMatchObject({ code: "TIMEOUT" });
    }
  });

  test("[DSK6] a server to which no way leads is told as such, by UDP and TCP", async () => {
    const wait = { message: Uint8Array.from([1]), accept: () => true, timeoutMs: 60_000 };
    // The address of everybody: the system refuses to connect to it.
    const server = { address: "255.255.255.255", port: 53 };
    for (const ask of [askByUdp, askByTcp]) {
      const fault = await ask({ server, ...wait }).catch((error: unknown) => error);
      expect(fault).toBeInstanceOf(Fault);
      expect((fault as Fault).code).toMatch(/^E[A-Z]+$/);
    }
  });

  test("[DSK6] however soon a question is given up, its socket is gone", async () => {
    const { endpoint } = await serve();
    const turns = [(go: () => void) => go(), queueMicrotask, process.nextTick, setImmediate];
    for (const ask of [askByUdp, askByTcp]) {
      for (const later of turns) {
        const giveUp = new AbortController();
        const asked = ask({
          server: endpoint,
          message,
          accept: () => false,
          timeoutMs: 60_000,
          signal: giveUp.signal,
        });
        later(() => giveUp.abort());
        await expect(asked).rejects.toMatchObject({ code: "ABORTED" });
      }
    }
    await expect.poll(udpSocketCount, { timeout: 10_000 }).toBe(1);
  });

  test("[DSK6] a server that does not listen is told as such", async () => {
    const { endpoint } = await serve();
    await opened.splice(0)[0]?.close();
    for (const ask of [askByUdp, askByTcp]) {
      const asked = ask({ server: endpoint, message, accept, timeoutMs: 60_000 });
      await expect(asked).rejects.toMatchObject({ code: "ECONNREFUSED" });
    }
  });

  test("[DSK2] a stream in any pieces has the same messages", () => {
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 6 }),
        fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 20 }),
        (messages, steps) => {
          const stream = Uint8Array.from(messages.flatMap((one) => [...frameMessage(one)]));
          const reader = new FrameReader(300);
          const found: Uint8Array[] = [];
          let at = 0;
          for (let index = 0; at < stream.length; index += 1) {
            const end = at + (steps[index % steps.length] ?? 1);
            found.push(...(reader.push(stream.subarray(at, end)) ?? []));
            at = end;
          }
          expect(found.map((one) => [...one])).toEqual(messages.map((one) => [...one]));
        },
      ),
    );
    expect(new FrameReader(300).push(Uint8Array.from([255, 255, 1]))).toBeUndefined();
  });
});
