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
