import { createServer } from "node:http";
import type { Server } from "node:http";
import { createServer as createSocketServer } from "node:net";
import type { AddressInfo, Server as SocketServer } from "node:net";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { once } from "node:events";
import { setImmediate as nextTurn } from "node:timers/promises";
import { promisify } from "node:util";
import { afterEach, expect, test } from "vitest";
import { createCancellation, Fault } from "@tutti/base";
import {
  encodeRecord,
  fetchJson,
  httpRequest,
  jsonReply,
  openRecordStream,
  startHttpServer,
  textReply,
} from "./index.ts";
import type { ClientResponse, HttpServer, Route, StreamWriter } from "./index.ts";

const cleanUps: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

async function serve(routes: readonly Route[]): Promise<HttpServer> {
  const server = await startHttpServer({
    host: "127.0.0.1",
    port: 0,
    routes,
    onError: () => undefined,
  });
  cleanUps.push(() => server.close());
  return server;
}

/** A server that answers each connection with bytes of its own. */
async function raw(
  answer: (connectionCount: number) => string | undefined,
  end = true,
): Promise<string> {
  let count = 0;
  const server: SocketServer = createSocketServer((socket) => {
    count += 1;
    socket.on("error", () => socket.destroy());
    socket.on("data", () => {
      const bytes = answer(count);
      if (bytes === undefined) return;
      if (end) socket.end(bytes, "latin1");
      else socket.write(bytes, "latin1");
    });
    cleanUps.push(async () => socket.destroy());
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  cleanUps.push(promisify(server.close.bind(server)));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function faultOf(promise: Promise<unknown>): Promise<string> {
  const error: unknown = await promise.then(
    () => "no fault",
    (reason: unknown) => reason,
  );
  return error instanceof Fault ? error.code : String(error);
}

test("[HTC1] a request and its answer, as text, bytes and stream", async () => {
  const server = await serve([
    {
      path: "/echo",
      methods: {
        POST: ({ headers, query, body }) =>
          textReply(201, `${headers["x-a"]} ${query.get("q")} ${Buffer.from(body).toString()}`, {
            "X-B": "b",
          }),
      },
    },
  ]);
  const request = {
    method: "POST",
    url: `${server.url}/echo?q=ü`,
    headers: { "X-A": "a" },
    body: "body",
  };
  const first = await httpRequest(request);
  expect([first.status, first.headers["x-b"], await first.text()]).toEqual([201, "b", "a ü body"]);
  expect(Buffer.from(await (await httpRequest(request)).bytes()).toString()).toBe("a ü body");
  const chunks: Uint8Array[] = [];
  for await (const chunk of (await httpRequest(request)).stream()) chunks.push(chunk);
  expect(Buffer.concat(chunks).toString()).toBe("a ü body");
});

test("[HTC2] connections are kept and used again", async () => {
  const ports = new Set<number>();
  const server = createServer((message, response) => {
    ports.add(message.socket.remotePort ?? 0);
    response.end("ok");
  });
  const url = await listen(server);
  for (let round = 0; round < 5; round += 1)
    await (await httpRequest({ method: "POST", url })).text();
  expect(ports.size).toBe(1);
});

async function listen(server: Server, path?: string): Promise<string> {
  await once(path === undefined ? server.listen(0, "127.0.0.1") : server.listen(path), "listening");
  cleanUps.push(() => {
    server.closeAllConnections();
    return promisify(server.close.bind(server))();
  });
  return path === undefined
    ? `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    : "http://socket";
}

test("[HTC3] a unix socket is reached by its path", async () => {
  const directory = await mkdtemp(join(tmpdir(), "http-"));
  cleanUps.push(() => rm(directory, { recursive: true }));
  const socketPath = join(directory, "s");
  const server = createServer((message, response) => response.end(message.url));
  const url = await listen(server, socketPath);
  expect(await (await httpRequest({ method: "GET", url: `${url}/a/b`, socketPath })).text()).toBe(
    "/a/b",
  );
  expect(
    await faultOf(httpRequest({ method: "GET", url, socketPath: join(directory, "none") })),
  ).toBe("CONNECTION_REFUSED");
});

test("[HTC4] what fails between client and server is a fault with a stable code", async () => {
  const closed = createServer();
  const closedUrl = await listen(closed);
  await cleanUps.pop()?.();
  expect(await faultOf(httpRequest({ method: "GET", url: closedUrl }))).toBe("CONNECTION_REFUSED");
  expect(await faultOf(httpRequest({ method: "GET", url: await raw(() => "") }))).toBe(
    "CONNECTION_RESET",
  );
  expect(
    await faultOf(httpRequest({ method: "GET", url: await raw(() => "nonsense\r\n\r\n") })),
  ).toBe("BAD_RESPONSE");
  expect(
    await faultOf(httpRequest({ method: "GET", url: await raw(() => undefined), timeoutMs: 30 })),
  ).toBe("TIMEOUT");
  expect(await faultOf(httpRequest({ method: "GET", url: "not a url" }))).toBe("BAD_URL");
  expect(await faultOf(httpRequest({ method: "GET", url: "ftp://localhost/" }))).toBe("BAD_URL");
});

test("[HTC5] an answer that breaks off, stands still or grows too large is a fault of its reading", async () => {
  const head = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc";
  const broken = await httpRequest({ method: "GET", url: await raw(() => head) });
  expect(await faultOf(broken.text())).toBe("CONNECTION_RESET");
  const still = await httpRequest({
    method: "GET",
    url: await raw(() => head, false),
    bodyTimeoutMs: 30,
  });
  expect(await faultOf(still.text())).toBe("TIMEOUT");
  const large = await httpRequest({
    method: "GET",
    url: await raw(() => `${head}defghij`),
    bodyBytesMax: 9,
  });
  expect(await faultOf(large.text())).toBe("RESPONSE_TOO_LARGE");
});

test("[HTC5] an answer that broke off before it was read is a fault, whichever way it is read", async () => {
  const head = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc";
  const readers = [
    (response: ClientResponse) => response.text(),
    async (response: ClientResponse) => {
      for await (const chunk of response.stream()) expect(chunk.length).toBeLessThan(10);
    },
  ];
  for (const read of readers) {
    let isClosed = false;
    const server = createSocketServer((socket) => {
      socket.on("close", () => (isClosed = true));
      socket.once("data", () => {
        socket.write(head);
        setImmediate(() => socket.resetAndDestroy());
      });
    });
    await once(server.listen(0, "127.0.0.1"), "listening");
    cleanUps.push(promisify(server.close.bind(server)));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const response = await httpRequest({ method: "GET", url });
    while (!isClosed) await nextTurn();
    for (let turn = 0; turn < 20; turn += 1) await nextTurn();
    expect(await faultOf(read(response))).toBe("CONNECTION_RESET");
  }
});

test("[HTC6] cancelling drops a request before its answer and in the middle of it", async () => {
  const before = createCancellation();
  const waiting = httpRequest({
    method: "GET",
    url: await raw(() => undefined),
    signal: before.cancellation,
  });
  before.cancel();
  expect(await faultOf(waiting)).toBe("ABORTED");
  expect(
    await faultOf(
      httpRequest({ method: "GET", url: "http://127.0.0.1:1/", signal: before.cancellation }),
    ),
  ).toBe("ABORTED");
  const during = createCancellation();
  const url = await raw(() => "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc", false);
  const response = await httpRequest({ method: "GET", url, signal: during.cancellation });
  const text = response.text();
  during.cancel();
  expect(await faultOf(text)).toBe("ABORTED");
  const unread = await httpRequest({ method: "GET", url });
  unread.cancel();
});

test("[HTC7] a read on a kept connection that has died is sent once more, a write is not", async () => {
  const url = await raw(
    (count) => (count % 2 === 1 ? "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok" : undefined),
    false,
  );
  const dying = async (method: string): Promise<string> => {
    const server = createServer((_message, response) => response.end("ok"));
    const base = await listen(server);
    await (await httpRequest({ method: "GET", url: base })).text();
    server.removeAllListeners("request");
    server.once("request", (message) => message.socket.destroy());
    server.on("request", (message, response) => {
      if (!message.socket.destroyed) response.end("again");
    });
    return httpRequest({ method, url: base }).then(
      (response) => response.text(),
      (error: unknown) => (error as Fault).code,
    );
  };
  expect(await dying("GET")).toBe("again");
  expect(await dying("POST")).toBe("CONNECTION_RESET");
  expect(await (await httpRequest({ method: "GET", url })).text()).toBe("ok");
});

test("[HTC8] fetchJson sends and reads JSON, and leaves refusals in text alone", async () => {
  const server = await serve([
    {
      path: "/json",
      methods: {
        POST: ({ body, headers }) =>
          jsonReply(200, {
            got: JSON.parse(Buffer.from(body).toString()) as unknown,
            type: headers["content-type"],
          }),
      },
    },
    { path: "/text", methods: { GET: () => textReply(409, "no") } },
    {
      path: "/broken",
      methods: {
        GET: () => ({ status: 200, headers: { "Content-Type": "application/json" }, body: "{" }),
      },
    },
  ]);
  const answer = await fetchJson({ method: "POST", url: `${server.url}/json`, json: { a: 1 } });
  expect([answer.status, answer.json]).toEqual([200, { got: { a: 1 }, type: "application/json" }]);
  expect(await fetchJson({ method: "GET", url: `${server.url}/text` })).toMatchObject({
    status: 409,
    text: "no",
    json: undefined,
  });
  expect(await faultOf(fetchJson({ method: "GET", url: `${server.url}/broken` }))).toBe(
    "BAD_RESPONSE",
  );
});

function events(begin: (writer: StreamWriter) => void): Route {
  return { path: "/events", methods: { POST: () => ({ status: 200, stream: begin }) } };
}

test("[HTC9] a record stream gives records as they come, until the server ends it", async () => {
  const server = await serve([
    events((writer) => {
      writer.write(encodeRecord("one"));
      const two = encodeRecord("twotwo");
      writer.write(two.subarray(0, 4));
      setImmediate(() => {
        writer.write(two.subarray(4));
        writer.end();
      });
    }),
  ]);
  const stream = await openRecordStream({
    method: "POST",
    url: `${server.url}/events`,
    body: "{}",
    idleTimeoutMs: 5000,
  });
  const records: string[] = [];
  for await (const record of stream.records()) records.push(Buffer.from(record).toString());
  expect([stream.status, records]).toEqual([200, ["one", "twotwo"]]);
});

test("[HTC10] a record stream that is silent, broken or cut off is a fault", async () => {
  const read = async (begin: (writer: StreamWriter) => void): Promise<string> => {
    const server = await serve([events(begin)]);
    const stream = await openRecordStream({
      method: "POST",
      url: `${server.url}/events`,
      idleTimeoutMs: 50,
      recordBytesMax: 10,
    });
    return faultOf(
      (async () => {
        for await (const record of stream.records())
          expect(Buffer.from(record).toString()).toBe("one");
      })(),
    );
  };
  expect(await read((writer) => writer.write("3\none"))).toBe("TIMEOUT");
  expect(await read((writer) => writer.write("3\nonex"))).toBe("BAD_RECORD");
  expect(await read((writer) => writer.write("11\n"))).toBe("BAD_RECORD");
  expect(
    await read((writer) => {
      writer.write("3\no");
      writer.end();
    }),
  ).toBe("BAD_RECORD");
  expect(
    await read((writer) => {
      writer.write("3\none");
      setImmediate(() => writer.destroy());
    }),
  ).toBe("CONNECTION_RESET");
});

test("[HTC9] leaving the loop of records drops the connection", async () => {
  const closed = new Promise<void>((resolve) => {
    cleanUps.push(() => closed);
    void serve([
      events((writer) => {
        writer.closed.addEventListener("abort", () => resolve());
        writer.write("3\none");
      }),
    ]).then(async (server) => {
      const stream = await openRecordStream({
        method: "POST",
        url: `${server.url}/events`,
        idleTimeoutMs: 5000,
      });
      for await (const record of stream.records()) {
        expect(record.length).toBe(3);
        break;
      }
    });
  });
  await closed;
});
