import { once } from "node:events";
import { connect } from "node:net";
import { setImmediate } from "node:timers/promises";
import { afterEach, expect, test } from "vitest";
import { limits, startHttpServer, textReply } from "./index.ts";
import type { HttpServer, Route } from "./index.ts";
import { get, wire } from "./testing/wire.ts";

const servers: HttpServer[] = [];

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

async function serve(routes: readonly Route[]): Promise<HttpServer> {
  const server = await startHttpServer({
    host: "127.0.0.1",
    port: 0,
    routes,
    onError: (error) => {
      throw error;
    },
  });
  servers.push(server);
  return server;
}

const hello: Route = {
  path: "/hello/:name",
  methods: { GET: ({ params }) => textReply(200, `hi ${params["name"]}`) },
};

test("[HTP29] requests of one packet are answered in order, each in a turn of its own", async () => {
  const turns: string[] = [];
  const server = await serve([
    {
      path: "/turn/:name",
      methods: {
        GET: ({ params }) => {
          turns.push(params["name"] ?? "");
          void setImmediate().then(() => turns.push("others"));
          return textReply(200, `<${params["name"]}>`);
        },
      },
    },
  ]);
  const packet = ["1", "2", "3"].map((name) => get(`/turn/${name}`)).join("");
  const answers = await wire(server, [packet], "<3>");
  expect(answers.match(/<\d>/gu)).toEqual(["<1>", "<2>", "<3>"]);
  expect(turns).toEqual(["1", "others", "2", "others", "3", ...turns.slice(5)]);
});

test("[HTP29] a client that sends on and on behind an answer that is due is cut off, and others are served", async () => {
  let handled = 0;
  const server = await serve([
    hello,
    {
      path: "/never",
      methods: {
        GET: () => {
          handled += 1;
          return new Promise(() => undefined);
        },
      },
    },
  ]);
  const flood = connect(server.port, "127.0.0.1");
  flood.on("error", () => undefined);
  const cut = new Promise((resolve) => flood.on("close", resolve));
  const packet = get("/never", `X-Pad: ${"x".repeat(900)}`).repeat(64);
  let taken = 0;
  const send = (): void => {
    while (!flood.destroyed) {
      taken += packet.length;
      if (flood.write(packet)) continue;
      flood.once("drain", send);
      return;
    }
  };
  await once(flood, "connect");
  send();
  await cut;
  expect(handled).toBe(1);
  // What the parser had in hand, and what lay in the kernel's buffers.
  expect(taken).toBeLessThan(32 * 1024 * 1024);
  expect(await wire(server, [get("/hello/x", "Connection: close")])).toContain("hi x");
});

test("[HTP29] a client that asks and does not read is not answered on, and others are served", async () => {
  let handled = 0;
  const large = "x".repeat(256 * 1024);
  const server = await serve([
    hello,
    {
      path: "/large",
      methods: {
        GET: () => {
          handled += 1;
          return textReply(200, large);
        },
      },
    },
  ]);
  const flood = connect(server.port, "127.0.0.1");
  flood.pause();
  flood.on("error", () => undefined);
  await once(flood, "connect");
  flood.write(get("/large").repeat(limits.pipelinedRequestsMax));
  for (let turn = 0; turn < 20; turn += 1) {
    expect(await wire(server, [get("/hello/x", "Connection: close")])).toContain("hi x");
  }
  // What fits into the kernel's buffers was answered; the rest waits for its reader.
  expect(handled).toBeLessThan(100);
  flood.destroy();
});

test("[HTP29] a client that reads gets all answers, however many it asked for at once", async () => {
  const server = await serve([hello]);
  const count = limits.pipelinedRequestsMax;
  const packet = get("/hello/x").repeat(count - 1) + get("/hello/x", "Connection: close");
  const answers = await wire(server, [packet]);
  expect(answers.match(/hi x/gu)).toHaveLength(count);
});
