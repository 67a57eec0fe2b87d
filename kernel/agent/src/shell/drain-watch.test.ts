import { connect, createServer } from "node:net";
import type { AddressInfo, Server, Socket } from "node:net";
import { startHttpServer } from "@tutti/http";
import type { HttpReply, HttpRequest, HttpServer } from "@tutti/http";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { AgentEvent } from "../core/index.ts";
import { DrainWatch } from "./drain-watch.ts";
import { until } from "./testing/agent-fixture.ts";

const effect = {
  type: "awaitDrained",
  containerId: "c1",
  frameworkId: "f 1",
  taskId: "t/1",
  ports: [] as readonly number[],
} as const;

describe("[AGT36] whether a task is drained", () => {
  const servers: HttpServer[] = [];
  const told: AgentEvent[] = [];
  const asked: HttpRequest[] = [];
  let watch: DrainWatch | undefined;

  beforeEach(() => {
    told.length = 0;
    asked.length = 0;
  });

  afterEach(async () => {
    watch?.close();
    for (const server of servers.splice(0)) await server.close();
  });

  async function discovery(answer: (count: number) => HttpReply): Promise<string> {
    const server = await startHttpServer({
      host: "127.0.0.1",
      port: 0,
      routes: [
        {
          path: "/discovery/v1/drained",
          methods: {
            GET: (request) => {
              asked.push(request);
              return answer(asked.length);
            },
          },
        },
      ],
      onError: (error) => {
        throw error;
      },
    });
    servers.push(server);
    return server.url;
  }

  const json = (value: unknown): HttpReply => ({
    status: 200,
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(value),
  });

  function watching(discoveries: readonly string[], waitMs = 60_000): void {
    watch = new DrainWatch({ discoveries, secret: "s", tell: (event) => told.push(event) });
    watch.watch({ ...effect, waitMs });
  }

  it("is asked with the task's ids and the secret, again until the answer is yes", async () => {
    const url = await discovery((count) => json({ drained: count === 3 }));
    watching([url]);
    await until(() => told.length > 0, "the answer");
    expect(told).toEqual([{ type: "taskDrained", containerId: "c1" }]);
    expect(asked).toHaveLength(3);
    expect(Object.fromEntries(asked[0]?.query ?? [])).toMatchObject({
      framework: "f 1",
      task: "t/1",
    });
    expect(asked[0]?.headers["authorization"]).toBe("Bearer s");
  });

  it("is asked where discovery leads, past those that are away, refuse, or answer nonsense", async () => {
    const leader = await discovery(() => json({ drained: true }));
    const other = await discovery(() => ({ status: 307, headers: { Location: `${leader}/x` } }));
    const silent = await discovery(() => ({ status: 503 }));
    const odd = await discovery(() => json(["drained"]));
    watching(["http://127.0.0.1:1", silent, odd, other]);
    await until(() => told.length > 0, "the answer");
    expect(asked.length).toBeGreaterThanOrEqual(4);
  });

  it("waits for those who are connected to its ports, and for nobody else", async () => {
    const url = await discovery(() => json({ drained: true }));
    const sockets: Socket[] = [];
    const listeners: Server[] = [];
    const connected = async (host: string): Promise<{ port: number; end: () => void }> => {
      const listener = createServer((socket) => sockets.push(socket.on("error", () => undefined)));
      listeners.push(listener);
      await new Promise<void>((resolve) => listener.listen(0, host, resolve));
      const { port } = listener.address() as AddressInfo;
      const client = connect(port, host);
      sockets.push(client);
      await new Promise((resolve) => client.once("connect", resolve));
      return { port, end: () => client.resetAndDestroy() };
    };
    try {
      const [one, six] = [await connected("127.0.0.1"), await connected("::1")];
      await connected("127.0.0.1");
      watch = new DrainWatch({
        discoveries: [url],
        secret: "s",
        tell: (event) => told.push(event),
      });
      watch.watch({ ...effect, pid: process.pid, ports: [one.port, six.port], waitMs: 60_000 });
      await until(() => asked.length > 0, "it asks");
      const beganMs = performance.now();
      await until(() => performance.now() - beganMs > 500, "time passes");
      one.end();
      const halfMs = performance.now();
      await until(() => performance.now() - halfMs > 500, "time passes");
      expect(told).toEqual([]);
      six.end();
      await until(() => told.length > 0, "the answer");
    } finally {
      for (const socket of sockets) socket.destroy();
      for (const listener of listeners) listener.close();
    }
  });

  it("waits for who is connected no longer than it is told to, from when every machine has let go", async () => {
    const letGoMs = 400;
    const beganMs = performance.now();
    const url = await discovery(() => json({ drained: performance.now() - beganMs > letGoMs }));
    const sockets: Socket[] = [];
    const listener = createServer((socket) => sockets.push(socket.on("error", () => undefined)));
    try {
      await new Promise<void>((resolve) => listener.listen(0, "127.0.0.1", resolve));
      const { port } = listener.address() as AddressInfo;
      const client = connect(port, "127.0.0.1");
      sockets.push(client);
      await new Promise((resolve) => client.once("connect", resolve));
      watch = new DrainWatch({
        discoveries: [url],
        secret: "s",
        tell: (event) => told.push(event),
      });
      const served = { ...effect, pid: process.pid, ports: [port], waitMs: 60_000 };
      watch.watch({ ...served, connectionsMs: 300 });
      await until(() => told.length > 0, "the answer");
      expect(performance.now() - beganMs).toBeGreaterThan(letGoMs + 290);
      expect(told).toEqual([{ type: "taskDrained", containerId: "c1" }]);
    } finally {
      for (const socket of sockets) socket.destroy();
      listener.close();
    }
  });

  it("where no discovery is configured only that time for connections is waited for", async () => {
    const beganMs = performance.now();
    watch = new DrainWatch({ discoveries: [], secret: "s", tell: (event) => told.push(event) });
    watch.watch({ ...effect, waitMs: 60_000, connectionsMs: 200 });
    await until(() => told.length > 0, "the answer");
    expect(performance.now() - beganMs).toBeGreaterThan(190);
    watch.watch({ ...effect, containerId: "c2", waitMs: 60_000, connectionsMs: 200 });
    watch.forget("c2");
    const forgottenMs = performance.now();
    await until(() => performance.now() - forgottenMs > 400, "time passes");
    expect(told).toEqual([{ type: "taskDrained", containerId: "c1" }]);
  });

  it("is not asked without discoveries, nor any more when the hold or the container has ended", async () => {
    watching([]);
    const url = await discovery(() => json({ drained: false }));
    watching([url], 300);
    await until(() => asked.length >= 1, "it asks");
    watch?.forget("c1");
    watch?.watch({ ...effect, containerId: "c2", waitMs: 100 });
    const before = performance.now();
    await until(() => performance.now() - before > 400, "the hold ends");
    const count = asked.length;
    await until(() => performance.now() - before > 1_000, "more time");
    expect(asked).toHaveLength(count);
    expect(told).toEqual([]);
  });
});
