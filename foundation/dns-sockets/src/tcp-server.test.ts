import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { askByTcp } from "./ask.ts";
import { limits } from "./limits.ts";
import { frameMessage } from "./tcp-framing.ts";
import { openTcpServer, type TcpBounds } from "./tcp-server.ts";
import type { Client } from "./types.ts";

const closing: (() => unknown)[] = [];

afterEach(async () => {
  await Promise.all(closing.splice(0).map((close) => close()));
});

/** A server that answers what begins with 1, and keeps the rest waiting. */
async function serve(bounds: Partial<TcpBounds>): Promise<{ readonly port: number }> {
  const port = await freePort();
  const receive = (message: Uint8Array, from: Client): void => {
    if (message[0] === 1) from.reply(message);
  };
  const options = { address: "127.0.0.1", port, receive };
  const server = await openTcpServer(options, { ...limits, ...bounds });
  closing.push(() => server.close());
  return { port };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === "object" && address !== null ? address.port : 0;
}

/** A connection from an address of loopback. */
async function connected(port: number, localAddress = "127.0.0.1"): Promise<Socket> {
  const socket = connect({ host: "127.0.0.1", port, localAddress });
  closing.push(() => socket.destroy());
  socket.on("error", () => undefined);
  await once(socket, "connect");
  return socket;
}

/** When it is closed, in whatever way: cut off while it writes it is told of an error first. */
function closeOf(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    socket.once("close", () => resolve());
  });
}

/** Sends a question that is answered, and reads the answer. */
async function talk(socket: Socket): Promise<void> {
  const answered = once(socket, "data");
  socket.write(frameMessage(Uint8Array.from([1, 2, 3])));
  await answered;
}

async function isAnswered(port: number): Promise<boolean> {
  const message = Uint8Array.from([1, 9]);
  const server = { address: "127.0.0.1", port };
  const reply = await askByTcp({ server, message, accept: () => true, timeoutMs: 60_000 });
  return reply.length === 2;
}

describe("a TCP server", () => {
  test("[DSK8] whose connections are all taken by unfinished messages answers new ones", async () => {
    const { port } = await serve({});
    const idle = await Promise.all(
      Array.from({ length: limits.tcpConnectionsMax }, () => connected(port)),
    );
    for (const socket of idle) socket.write(Uint8Array.from([0]));
    expect(await isAnswered(port)).toBe(true);
    expect(await isAnswered(port)).toBe(true);
  });

  test("[DSK3] gives a message a deadline that its bytes do not renew", async () => {
    const { port } = await serve({ tcpIdleMs: 400 });
    const socket = await connected(port);
    const closed = closeOf(socket);
    // It announces 4000 bytes, and sends one of them every 50 ms.
    socket.write(Uint8Array.from([15, 160]));
    const dripping = setInterval(() => socket.write(Uint8Array.from([1])), 50);
    closing.push(() => clearInterval(dripping));
    await closed;
  });

  test("[DSK3] lets a client stay as long as it sends whole messages", async () => {
    // A pause that a busy machine makes is not to be taken for idleness.
    const { port } = await serve({ tcpIdleMs: 1500 });
    const socket = await connected(port);
    const closed = closeOf(socket);
    const startMs = performance.now();
    let answered = 0;
    socket.on("data", () => (answered += 1));
    const asking = setInterval(() => {
      if (performance.now() - startMs < 3000) socket.write(frameMessage(Uint8Array.from([1])));
    }, 50);
    closing.push(() => clearInterval(asking));
    await closed;
    expect(performance.now() - startMs).toBeGreaterThan(3000);
    expect(answered).toBeGreaterThan(5);
  });

  test("[DSK8] the address with most connections gives one, the longest idle first", async () => {
    const { port } = await serve({ tcpConnectionsMax: 4 });
    const modest = await connected(port, "127.0.0.2");
    await talk(modest);
    const greedy: Socket[] = [];
    for (let count = 0; count < 3; count += 1) {
      const socket = await connected(port, "127.0.0.3");
      await talk(socket);
      greedy.push(socket);
    }
    const [first, second] = greedy;
    if (first === undefined || second === undefined) throw new Error("three were opened");
    await talk(first);
    const gone = closeOf(second);
    await talk(await connected(port, "127.0.0.4"));
    await gone;
    await talk(modest);
    await talk(first);
  });

  test("[DSK8] one that waits for a reply goes last", async () => {
    const { port } = await serve({ tcpConnectionsMax: 2 });
    const waiting = await connected(port);
    waiting.write(frameMessage(Uint8Array.from([2])));
    await talk(waiting);
    const idle = await connected(port);
    await talk(idle);
    const gone = closeOf(idle);
    const late = await connected(port);
    await talk(late);
    await gone;
    await talk(waiting);
    // When all wait, the longest idle goes all the same.
    late.write(frameMessage(Uint8Array.from([2])));
    await talk(late);
    const last = closeOf(waiting);
    await talk(await connected(port));
    await last;
  });
});
