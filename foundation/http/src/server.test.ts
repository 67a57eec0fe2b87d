import { once } from "node:events";
import { connect } from "node:net";
import { setImmediate } from "node:timers/promises";
import { gunzipSync, gzipSync } from "node:zlib";
import { afterEach, expect, test } from "vitest";
import { bearerGuard, jsonReply, limits, startHttpServer, textReply } from "./index.ts";
import type { HttpServer, Route, ServerOptions, StreamWriter } from "./index.ts";
import { get, wire } from "./testing/wire.ts";

const servers: HttpServer[] = [];
const errors: unknown[] = [];

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
  errors.length = 0;
});

async function serve(
  routes: readonly Route[],
  more: Partial<ServerOptions> = {},
): Promise<HttpServer> {
  const server = await startHttpServer({
    host: "127.0.0.1",
    port: 0,
    routes,
    onError: (error) => errors.push(error),
    ...more,
  });
  servers.push(server);
  return server;
}

const statusOf = (answer: string): number => Number(answer.split(" ")[1]);
const bodyOf = (answer: string): string => answer.slice(answer.indexOf("\r\n\r\n") + 4);

const hello: Route = {
  path: "/hello/:name",
  methods: { GET: ({ params }) => textReply(200, `hi ${params["name"]}`) },
};
const echo: Route = {
  path: "/echo",
  bodyBytesMax: 100,
  methods: {
    POST: ({ body, method }) => ({
      status: 200,
      body: `${method} ${Buffer.from(body).toString()}`,
    }),
  },
};

test("[HTP1] a route answers with its parameters, with or without a trailing slash", async () => {
  const server = await serve([hello]);
  for (const path of ["/hello/you", "/hello/you/", "/hello/you?x=1"]) {
    const answer = await wire(server, [get(path, "Connection: close")]);
    expect([statusOf(answer), bodyOf(answer)]).toEqual([200, "hi you"]);
    expect(answer).toContain("Content-Type: text/plain; charset=utf-8\r\nContent-Length: 6\r\n");
  }
});

test("[HTP2] HEAD of a GET route has its head and no body", async () => {
  const server = await serve([hello]);
  const answer = await wire(server, [
    get("/hello/you", "Connection: close").replace("GET", "HEAD"),
  ]);
  expect([statusOf(answer), bodyOf(answer)]).toEqual([200, ""]);
  expect(answer).toContain("Content-Length: 6");
});

test("[HTP3] a known path with another method is 405 with Allow, an unknown path 404", async () => {
  const server = await serve([hello, echo], { commonHeaders: { "X-Common": "yes" } });
  const wrong = await wire(server, [get("/echo", "Connection: close")]);
  expect(statusOf(wrong)).toBe(405);
  expect(wrong).toContain("\r\nAllow: POST\r\n");
  expect(bodyOf(wrong)).toBe(
    "405 Method Not Allowed. Expecting one of { 'POST' }, but received 'GET'.",
  );
  const both = await wire(server, [get("/hello/x", "Connection: close").replace("GET", "OPTIONS")]);
  expect(both).toContain("\r\nAllow: GET, HEAD\r\n");
  const absent = await wire(server, [get("/nope", "Connection: close")]);
  expect([statusOf(absent), bodyOf(absent)]).toEqual([404, "404 Not Found."]);
  expect(absent).toContain("X-Common: yes");
  expect(statusOf(await wire(server, [get("/hello/%zz", "Connection: close")]))).toBe(400);
});

test("[HTP3] a server can word 404, 405 and 413 itself", async () => {
  const server = await serve([echo], {
    notFound: ({ path }) => jsonReply(404, { message: `no ${path}` }),
    methodNotAllowed: (_request, allow) => jsonReply(405, { allow }),
    bodyTooLarge: (bytesMax) => jsonReply(413, { bytesMax }),
  });
  expect(bodyOf(await wire(server, [get("/x", "Connection: close")]))).toBe('{"message":"no /x"}');
  expect(bodyOf(await wire(server, [get("/echo", "Connection: close")]))).toBe(
    '{"allow":["POST"]}',
  );
  const large = `POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 101\r\n\r\n${"x".repeat(101)}`;
  expect(bodyOf(await wire(server, [large]))).toBe('{"bytesMax":100}');
});

test("[HTP4] a body is read within the bound, whole or in chunks", async () => {
  const server = await serve([echo]);
  const whole =
    "POST /echo HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 3\r\n\r\nabc";
  expect(bodyOf(await wire(server, [whole]))).toBe("POST abc");
  const chunked = [
    "POST /echo HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n",
    "1\r\na\r\n",
    "2\r\nbc\r\n0\r\n\r\n",
  ];
  expect(bodyOf(await wire(server, chunked))).toBe("POST abc");
  const expecting =
    "POST /echo HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\na";
  expect(await wire(server, [expecting])).toMatch(
    /^HTTP\/1.1 100 Continue\r\n\r\nHTTP\/1.1 200 OK/u,
  );
});

test("[HTP5] a body over the bound is 413, announced or counted, and the connection ends", async () => {
  const server = await serve([echo]);
  const announced = `POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3000000\r\n\r\n${"x".repeat(3_000_000)}`;
  const counted = [
    "POST /echo HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n",
    `65\r\n${"x".repeat(101)}\r\n`,
    "0\r\n\r\n",
  ];
  for (const parts of [[announced], counted]) {
    const answer = await wire(server, parts);
    expect(statusOf(answer)).toBe(413);
    expect(answer).toContain("Connection: close");
    expect(bodyOf(answer)).toBe(
      "413 Payload Too Large. The body of this request may have at most 100 bytes.",
    );
  }
});

test("[HTP6] a slow body, slow headers and a silent client are cut with 408", async () => {
  const server = await serve([echo], { requestTimeoutMs: 150 });
  const slow = [
    ["POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\nab"],
    ["GET /echo HT"],
    [],
  ];
  const answers = await Promise.all(slow.map((parts) => wire(server, parts)));
  expect(answers.map(statusOf)).toEqual([408, 408, 408]);
});

test("[HTP7] too many or too large headers are 431, bytes that are no request 400", async () => {
  const server = await serve([hello]);
  const many = Array.from({ length: limits.headerCountMax + 5 }, (_, index) => `X-${index}: 1`);
  expect(statusOf(await wire(server, [get("/hello/x", "Connection: close", ...many)]))).toBe(431);
  expect(
    statusOf(await wire(server, [get("/hello/x", `X: ${"x".repeat(limits.headerBytesMax)}`)])),
  ).toBe(431);
  expect(statusOf(await wire(server, ["nonsense\r\n\r\n"]))).toBe(400);
  expect(statusOf(await wire(server, ["GET /hello/x HTTP/1.1\r\n\r\n"]))).toBe(400);
});

test("[HTP8] connections over the bound are dropped, the others live on", async () => {
  const server = await serve([hello], { connectionsMax: 1 });
  const first = connect(server.port, "127.0.0.1");
  await once(first, "connect");
  first.write(get("/hello/a"));
  await once(first, "data");
  expect(await wire(server, [get("/hello/b")]).catch(() => "")).toBe("");
  first.write(get("/hello/c", "Connection: close"));
  const answer = await new Promise<string>((resolve) => {
    first.once("data", (chunk: Buffer) => resolve(chunk.toString()));
  });
  expect(bodyOf(answer)).toBe("hi c");
});

test.each([
  ["localhost", 200],
  ["127.0.0.1:5050", 200],
  ["[::1]:5050", 200],
  ["10.0.0.7", 200],
  ["LOCALHOST:80", 200],
  ["master.mesos", 200],
  ["leader.mesos.:5050", 403],
  ["evil.example", 403],
  ["localhost.evil.example", 403],
  ["127.0.0.1.evil.example", 403],
])("[HTP13] Host %s gets %i", async (host, status) => {
  const server = await serve([hello], { hostNames: ["master.mesos"] });
  const answer = await wire(server, [
    get("/hello/x", "Connection: close").replace("localhost", host),
  ]);
  expect(statusOf(answer)).toBe(status);
});

test.each([
  ["POST", "http://evil.example", 403],
  ["POST", "null", 403],
  ["POST", "http://localhost:1", 403],
  ["POST", "http://localhost", 200],
  ["GET", "http://evil.example", 405],
])("[HTP14] %s with Origin %s gets %i", async (method, origin, status) => {
  const server = await serve([echo]);
  const sent = get("/echo", "Connection: close", `Origin: ${origin}`).replace("GET", method);
  expect(statusOf(await wire(server, [sent]))).toBe(status);
});

test("[HTP15] without the secret a write is 401 before its body is read, and is told what to do", async () => {
  const server = await serve([echo, hello], {
    guard: bearerGuard({ secret: "s3cret", open: false }),
  });
  const post = (authorization: string): string =>
    `POST /echo HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n${authorization}Content-Length: 2\r\n\r\nok`;
  for (const header of [
    "",
    "Authorization: Bearer wrong!\r\n",
    "Authorization: Bearer\r\n",
    "Authorization: s3cret\r\n",
    "Authorization: Bearer s3cretx\r\n",
  ]) {
    const answer = await wire(server, [post(header)]);
    expect(statusOf(answer)).toBe(401);
    expect(answer).toContain("\r\nWWW-Authenticate: Bearer\r\n");
    expect(bodyOf(answer)).toContain("'Authorization: Bearer SECRET'");
  }
  for (const header of [
    "Authorization: Bearer s3cret\r\n",
    "authorization: bearer s3cret\r\n",
    "Authorization: token=s3cret\r\n",
  ]) {
    expect(bodyOf(await wire(server, [post(header)]))).toBe("POST ok");
  }
  expect(statusOf(await wire(server, [get("/hello/x", "Connection: close")]))).toBe(200);
});

test("[HTP15] an open server asks nobody, a closed one decides what may be read", async () => {
  const open = await serve([echo], { guard: bearerGuard({ secret: "s", open: true }) });
  const post =
    "POST /echo HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";
  expect(statusOf(await wire(open, [post]))).toBe(200);
  const allowRead = (_method: string, path: string): boolean => path === "/echo";
  const closed = await serve([echo, hello], {
    guard: bearerGuard({ secret: "s", open: false, allowRead }),
  });
  expect(statusOf(await wire(closed, [post]))).toBe(200);
  expect(statusOf(await wire(closed, [get("/hello/x", "Connection: close")]))).toBe(401);
});

test("[HTP16] each write of a stream is one chunk on the wire, sent at once", async () => {
  let writer: StreamWriter | undefined;
  const server = await serve([
    {
      path: "/events",
      methods: {
        GET: () => ({
          status: 200,
          headers: { "Content-Type": "application/json", "Mesos-Stream-Id": "1" },
          stream: (begun) => {
            writer = begun;
            begun.write("3\nabc");
            begun.write("5\ndefgh");
          },
        }),
      },
    },
  ]);
  const received = await wire(server, [get("/events")], "defgh\r\n");
  expect(received).toContain("Transfer-Encoding: chunked");
  expect(bodyOf(received)).toBe("5\r\n3\nabc\r\n7\r\n5\ndefgh\r\n");
  await closed(writer);
  writer?.write("late");
});

function closed(writer: StreamWriter | undefined): Promise<void> {
  return new Promise((resolve) => {
    if (writer === undefined || writer.closed.aborted) resolve();
    else writer.closed.addEventListener("abort", () => resolve());
  });
}

test("[HTP17] a stream whose reader stands still is cut at the bound, but never for one large chunk", async () => {
  const begun: StreamWriter[] = [];
  const server = await serve([
    {
      path: "/events",
      streamBufferedBytesMax: 1_000_000,
      methods: { GET: () => ({ status: 200, stream: (writer) => void begun.push(writer) }) },
    },
  ]);
  const socket = connect(server.port, "127.0.0.1");
  socket.on("error", () => socket.destroy());
  socket.write(get("/events"));
  await once(socket, "data");
  socket.pause();
  const [writer] = begun;
  if (writer === undefined) throw new Error("no stream");
  writer.write("x".repeat(20_000_000));
  writer.write("y");
  expect(writer.closed.aborted).toBe(false);
  let writes = 0;
  while (!writer.closed.aborted && writes < 10_000) {
    writer.write("z".repeat(100_000));
    writes += 1;
    await setImmediate();
  }
  expect(writes).toBeLessThan(10_000);
  socket.destroy();
});

test("[HTP18] large text is compressed for clients that accept it, small text is not", async () => {
  const large = JSON.stringify({ text: "abc".repeat(2000) });
  const server = await serve([
    {
      path: "/large",
      methods: {
        GET: () => ({ status: 200, headers: { "Content-Type": "application/json" }, body: large }),
      },
    },
    hello,
  ]);
  const fetched = async (path: string, ...headers: string[]) =>
    wire(server, [get(path, "Connection: close", ...headers)]);
  const compressed = await fetched("/large", "Accept-Encoding: deflate, gzip");
  expect(compressed).toContain("Content-Encoding: gzip");
  expect(compressed).toContain("Vary: Accept-Encoding");
  expect(gunzipSync(Buffer.from(bodyOf(compressed), "latin1")).toString()).toBe(large);
  for (const header of ["Accept-Encoding: gzip;q=0", "Accept-Encoding: br", "X: y"]) {
    expect(bodyOf(await fetched("/large", header))).toBe(large);
  }
  expect(await fetched("/hello/x", "Accept-Encoding: gzip")).not.toContain("Content-Encoding");
});

test("[HTP19] a handler that throws is 500, is told, and the server lives on", async () => {
  const server = await serve([
    {
      path: "/bug",
      methods: {
        GET: () => {
          throw new Error("sync");
        },
        POST: () => Promise.reject(new Error("async")),
      },
    },
    hello,
  ]);
  for (const method of ["GET", "POST"]) {
    const answer = await wire(server, [get("/bug", "Connection: close").replace("GET", method)]);
    expect(statusOf(answer)).toBe(500);
  }
  expect(errors.map(String)).toEqual(["Error: sync", "Error: async"]);
  expect(statusOf(await wire(server, [get("/hello/x", "Connection: close")]))).toBe(200);
});

test("[HTP24] close ends streams and waits for requests in flight, not for idle clients", async () => {
  const entered = Promise.withResolvers<void>();
  const released = Promise.withResolvers<void>();
  const server = await serve([
    {
      path: "/events",
      methods: { GET: () => ({ status: 200, stream: (writer) => writer.write("first") }) },
    },
    {
      path: "/slow",
      methods: {
        GET: async () => {
          entered.resolve();
          await released.promise;
          return textReply(200, "done");
        },
      },
    },
  ]);
  const idle = connect(server.port, "127.0.0.1");
  await once(idle, "connect");
  const idleClosed = once(idle, "close");
  const events = wire(server, [get("/events")]);
  const slow = wire(server, [get("/slow")]);
  await entered.promise;
  const closing = server.close();
  await idleClosed;
  expect(await events).toMatch(/5\r\nfirst\r\n0\r\n\r\n$/u);
  released.resolve();
  expect(bodyOf(await slow)).toBe("done");
  await closing;
  await expect(wire(server, [get("/slow")])).rejects.toThrow("ECONNREFUSED");
});

test("[HTP25] the signal of a request is aborted when its client goes away", async () => {
  const entered = Promise.withResolvers<void>();
  const aborted = Promise.withResolvers<void>();
  const server = await serve([
    {
      path: "/wait",
      methods: {
        GET: async ({ signal }) => {
          signal.addEventListener("abort", () => aborted.resolve());
          entered.resolve();
          await aborted.promise;
          return textReply(200, "late");
        },
      },
    },
  ]);
  const socket = connect(server.port, "127.0.0.1");
  socket.write(get("/wait"));
  await entered.promise;
  socket.destroy();
  await aborted.promise;
  expect(errors).toEqual([]);
});

test("[HTP26] a port in use is a fault with the system's code", async () => {
  const server = await serve([hello]);
  await expect(
    startHttpServer({ host: "127.0.0.1", port: server.port, routes: [], onError: () => undefined }),
  ).rejects.toMatchObject({
    name: "Fault",
    code: "EADDRINUSE",
  });
});

function packed(coding: string, body: Buffer): string {
  const head = `POST /echo HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Encoding: ${coding}`;
  return `${head}\r\nContent-Length: ${body.length}\r\n\r\n${body.toString("latin1")}`;
}

test.each(["gzip", "GZIP", "x-gzip"])(
  "[HTP9] a body packed by %s is unpacked for its handler",
  async (coding) => {
    const server = await serve([echo]);
    const answer = await wire(server, [packed(coding, gzipSync("hello"))]);
    expect([statusOf(answer), bodyOf(answer)]).toEqual([200, "POST hello"]);
    const empty = await wire(server, [packed(coding, gzipSync(""))]);
    expect([statusOf(empty), bodyOf(empty)]).toEqual([200, "POST "]);
  },
);

test("[HTP9] a packed body that is larger than the bound is 413, and costs no more than the bound", async () => {
  const server = await serve([{ ...echo, bodyBytesMax: 1024 * 1024 }]);
  const exact = await wire(server, [packed("gzip", gzipSync(Buffer.alloc(1024 * 1024, "x")))]);
  expect(statusOf(exact)).toBe(200);
  const more = await wire(server, [packed("gzip", gzipSync(Buffer.alloc(1024 * 1024 + 1, "x")))]);
  expect(statusOf(more)).toBe(413);
  const bomb = gzipSync(Buffer.alloc(128 * 1024 * 1024), { level: 9 });
  expect(bomb.length).toBeLessThan(1024 * 1024);
  const before = process.memoryUsage().rss;
  expect(statusOf(await wire(server, [packed("gzip", bomb)]))).toBe(413);
  expect(process.memoryUsage().rss - before).toBeLessThan(64 * 1024 * 1024);
});

test("[HTP9] a body that is not what its Content-Encoding says is 400, another coding 415", async () => {
  const server = await serve([echo]);
  const whole = gzipSync("hello");
  for (const body of [Buffer.from("xx"), whole.subarray(0, 12), Buffer.from([])]) {
    const answer = await wire(server, [packed("gzip", body)]);
    // Without a body there is nothing to unpack.
    expect(statusOf(answer)).toBe(body.length === 0 ? 200 : 400);
  }
  for (const coding of ["br", "deflate", "gzip, gzip"]) {
    const answer = await wire(server, [packed(coding, whole)]);
    expect(statusOf(answer)).toBe(415);
    expect(answer).toContain("Accept-Encoding: gzip\r\n");
  }
  expect(errors).toEqual([]);
});

test("[HTP27] a handler is told where its client has dialled from", async () => {
  const server = await serve([
    {
      path: "/who",
      methods: {
        GET: ({ remoteAddress, remotePort }) => jsonReply(200, { remoteAddress, remotePort }),
      },
    },
  ]);
  const socket = connect(server.port, "127.0.0.1");
  await once(socket, "connect");
  socket.write(get("/who", "Connection: close"));
  const [chunk] = (await once(socket, "data")) as [Buffer];
  expect(JSON.parse(bodyOf(chunk.toString()))).toEqual({
    remoteAddress: "127.0.0.1",
    remotePort: socket.localPort,
  });
  socket.destroy();
});

test("[HTP28] whoever streams is told of a client that went away before the stream began", async () => {
  const entered = Promise.withResolvers<AbortSignal>();
  const left = Promise.withResolvers<void>();
  const closed = Promise.withResolvers<boolean>();
  const server = await serve([
    {
      path: "/late",
      methods: {
        GET: async ({ signal }) => {
          entered.resolve(signal);
          await left.promise;
          return {
            status: 200,
            stream: (writer) => {
              writer.write("nobody reads this");
              writer.closed.addEventListener("abort", () => closed.resolve(true));
            },
          };
        },
      },
    },
  ]);
  const socket = connect(server.port, "127.0.0.1");
  socket.write(get("/late"));
  const signal = await entered.promise;
  const gone = once(signal, "abort");
  socket.destroy();
  await gone;
  left.resolve();
  expect(await closed.promise).toBe(true);
  expect(errors).toEqual([]);
});
