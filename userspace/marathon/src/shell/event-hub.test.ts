import { connect } from "node:net";
import { request } from "node:http";
import { systemClock } from "@tutti/ports/node";
import { startHttpServer } from "@tutti/http";
import type { HttpServer } from "@tutti/http";
import type { PublishedEvent } from "@tutti/marathon-v2";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { EventHub } from "./event-hub.ts";

const bufferedBytesMax = 256 * 1024;
/** What is looked through for what a reader waits for. */
const lastCharacters = 250_000;
let hub: EventHub;
let server: HttpServer;

beforeEach(async () => {
  hub = new EventHub(systemClock);
  server = await startHttpServer({
    host: "127.0.0.1",
    port: 0,
    routes: [
      {
        path: "/events",
        streamBufferedBytesMax: bufferedBytesMax,
        methods: {
          GET: ({ query }) => ({
            status: 200,
            stream: (writer) => {
              const types = new Set(query.getAll("event_type"));
              const lightPlans = query.get("plan-format") === "light";
              writer.write(":\n\n");
              hub.attach(writer, { types, lightPlans }, () => undefined);
            },
          }),
        },
      },
    ],
    onError: (error) => {
      throw error;
    },
  });
});

afterEach(async () => {
  hub.stop();
  await server.close();
});

/** A reader of the stream, and what it has read. */
interface Reader {
  readonly text: () => string;
  readonly until: (done: (text: string) => boolean) => Promise<void>;
}

function listen(query = ""): Promise<Reader> {
  return new Promise((resolve, reject) => {
    let text = "";
    let check = (): void => undefined;
    const asked = request(`${server.url}/events${query}`, { agent: false }, (response) => {
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => {
        text += chunk;
        check();
      });
      resolve({
        text: () => text,
        until: (done) =>
          new Promise((found) => {
            check = () => {
              if (done(text.slice(-lastCharacters))) found();
            };
            check();
          }),
      });
    });
    asked.on("error", reject);
    asked.end();
  });
}

function terminated(appId: string): PublishedEvent {
  return { eventType: "app_terminated_event", appId, timestamp: "2026-11-22T10:00:00.000Z" };
}

const plan = {
  id: "d1",
  original: { id: "/", apps: [], dependencies: [], groups: [], pods: [], version: "v" },
  target: { id: "/", apps: [], dependencies: [], groups: [], pods: [], version: "v" },
  steps: [],
  version: "v",
} as const;

describe("the event stream", () => {
  it("[MAR43] gives each reader the types it asked for, several or all, and light plans", async () => {
    const [all, some, light] = await Promise.all([
      listen(),
      listen("?event_type=deployment_success&event_type=deployment_failed"),
      listen("?plan-format=light&event_type=deployment_success"),
    ]);
    await Promise.all([all, some, light].map((reader) => reader.until((text) => text !== "")));
    hub.publish(terminated("/one"));
    const at = { timestamp: "t", id: "d1", plan };
    hub.publish({ ...at, eventType: "deployment_failed", reason: "why" });
    hub.publish({ ...at, eventType: "deployment_success" });
    const last = (text: string): boolean => text.includes("event: deployment_success");
    await Promise.all([all, some, light].map((reader) => reader.until(last)));
    const types = (reader: Reader): readonly string[] =>
      [...reader.text().matchAll(/^event: (\w+)$/gmu)].map(([, type]) => type ?? "");
    expect(types(all)).toEqual(["app_terminated_event", "deployment_failed", "deployment_success"]);
    expect(types(some)).toEqual(["deployment_failed", "deployment_success"]);
    expect(types(light)).toEqual(["deployment_success"]);
    expect(some.text()).toContain('"original"');
    expect(light.text()).toContain('"plan":{"id":"d1","steps":[],"version":"v"}');
  });

  it("[MAR43] one frame is `event`, `data` with the event's name in it too, and an empty line", async () => {
    const reader = await listen();
    await reader.until((text) => text !== "");
    hub.publish(terminated("/one"));
    await reader.until((text) => text.endsWith("}\n\n"));
    expect(reader.text()).toBe(
      ":\n\nevent: app_terminated_event\n" +
        'data: {"eventType":"app_terminated_event","appId":"/one","timestamp":"2026-11-22T10:00:00.000Z"}\n\n',
    );
  });

  it("[MAR43] cuts a reader that does not read, and nobody else misses anything", async () => {
    const readers = await Promise.all(Array.from({ length: 20 }, () => listen()));
    const stuck = connect(server.port, "127.0.0.1");
    const isCut = new Promise((resolve) => stuck.once("close", resolve));
    stuck.on("error", () => undefined);
    stuck.write(`GET /events HTTP/1.1\r\nHost: 127.0.0.1:${String(server.port)}\r\n\r\n`);
    stuck.pause();
    while (hub.size < readers.length + 1) await new Promise((resolve) => setImmediate(resolve));
    let count = 0;
    // More than the socket and the bound together hold; each waits until the others have it.
    for (; hub.size > readers.length && count < 1000; count += 1) {
      hub.publish(terminated(`/${String(count)}-${"x".repeat(100_000)}`));
      const name = `/${String(count)}-`;
      await Promise.all(readers.map((reader) => reader.until((text) => text.includes(name))));
    }
    expect(hub.size).toBe(readers.length);
    stuck.resume();
    await isCut;
    hub.publish(terminated("/last"));
    await Promise.all(readers.map((reader) => reader.until((text) => text.includes("/last"))));
    for (const reader of readers)
      expect(reader.text().match(/^event: /gmu)).toHaveLength(count + 1);
  }, 60_000);
});
