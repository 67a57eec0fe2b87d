import { createServer } from "./node-http.ts";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { isIPv6 } from "node:net";
import type { AddressInfo, Socket } from "node:net";
import { Fault } from "@tutti/base";
import { Connections } from "./connections.ts";
import { handleExchange } from "./exchange.ts";
import type { Site } from "./exchange.ts";
import { limits } from "./limits.ts";
import { RouteTable } from "./route-table.ts";
import { siteGuard } from "./site-guard.ts";
import type { HttpServer, ServerOptions, StreamWriter } from "./types.ts";

/** Answers to bytes that are no request, by Node's error code. */
const PROTOCOL_REFUSALS: Readonly<Record<string, readonly [number, string]>> = {
  HPE_HEADER_OVERFLOW: [
    431,
    `Request Header Fields Too Large. The headers may have at most ${limits.headerBytesMax} bytes.`,
  ],
  ERR_HTTP_REQUEST_TIMEOUT: [408, "Request Timeout. The request did not arrive in time."],
};

/**
 * Listens and answers by `options`. A port in use, or an address that is not of this machine, is a
 * `Fault` with the system's code.
 */
export async function startHttpServer(options: ServerOptions): Promise<HttpServer> {
  const listener = new Listener(options);
  await listener.listen();
  return listener;
}

class Listener implements HttpServer {
  readonly #options: ServerOptions;
  readonly #server: Server;
  readonly #site: Site;
  readonly #streams = new Set<StreamWriter>();
  readonly #connections = new Connections();
  #port = 0;
  #closing: Promise<void> | undefined;

  constructor(options: ServerOptions) {
    this.#options = options;
    const guards = [siteGuard(options.hostNames ?? [])];
    if (options.guard !== undefined) guards.push(options.guard);
    this.#site = {
      options,
      routes: new RouteTable(options.routes),
      guards,
      onStream: (writer) => this.#keepStream(writer),
      commonHeaders: options.commonHeaders ?? {},
    };
    this.#server = createNodeServer(options);
    const take = (message: IncomingMessage, response: ServerResponse): void =>
      this.#take(message, response);
    this.#server.on("request", take).on("checkContinue", take);
    this.#server.on("connection", (socket) => this.#connections.add(socket));
    this.#server.on("clientError", (error, socket) => this.#refuseBytes(error, socket as Socket));
  }

  get port(): number {
    return this.#port;
  }

  get url(): string {
    const { host } = this.#options;
    return `http://${isIPv6(host) ? `[${host}]` : host}:${this.#port}`;
  }

  listen(): Promise<void> {
    const { host, port } = this.#options;
    return new Promise((resolve, reject) => {
      this.#server.once("error", (cause: NodeJS.ErrnoException) => {
        const code = cause.code ?? "LISTEN_FAILED";
        const message = `Cannot listen on ${host}:${port}: ${code}.`;
        reject(new Fault(code, message, { retryable: code === "EADDRINUSE", cause }));
      });
      this.#server.listen(port, host, () => {
        this.#port = (this.#server.address() as AddressInfo).port;
        resolve();
      });
    });
  }

  close(): Promise<void> {
    this.#closing ??= new Promise((resolve) => {
      const cut = setTimeout(() => this.#server.closeAllConnections(), limits.closeGraceMs);
      this.#server.close(() => {
        clearTimeout(cut);
        resolve();
      });
      for (const stream of this.#streams) stream.end();
      this.#connections.close();
    });
    return this.#closing;
  }

  #take(message: IncomingMessage, response: ServerResponse): void {
    const connection = this.#connections.expect(message.socket, response);
    this.#connections.handle(message.socket, connection, () =>
      handleExchange(this.#site, message, response, connection),
    );
  }

  #keepStream(writer: StreamWriter): void {
    this.#streams.add(writer);
    writer.closed.addEventListener("abort", () => this.#streams.delete(writer), { once: true });
    if (this.#closing !== undefined) writer.end();
  }

  /** Bytes that are no request, or come too slowly: refused in words unless an answer is on its way. */
  #refuseBytes(error: NodeJS.ErrnoException, socket: Socket): void {
    const isAnswering = this.#connections.isAnswering(socket);
    if (!socket.writable || isAnswering || error.code === "ECONNRESET") {
      socket.destroy();
      return;
    }
    const [status, text] = PROTOCOL_REFUSALS[error.code ?? ""] ?? [
      400,
      "Bad Request. This is no HTTP/1.1 request.",
    ];
    const body = `${status} ${text}`;
    const head = `HTTP/1.1 ${status} ${text.slice(0, text.indexOf("."))}\r\nContent-Type: text/plain; charset=utf-8`;
    socket.end(
      `${head}\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
    );
    socket.destroySoon();
  }
}

function createNodeServer(options: ServerOptions): Server {
  const requestTimeoutMs = options.requestTimeoutMs ?? limits.requestTimeoutMs;
  const server = createServer({
    requestTimeout: requestTimeoutMs,
    headersTimeout: Math.min(limits.headersTimeoutMs, requestTimeoutMs),
    connectionsCheckingInterval: Math.min(limits.timeoutCheckIntervalMs, requestTimeoutMs),
    keepAliveTimeout: limits.keepAliveTimeoutMs,
    maxHeaderSize: limits.headerBytesMax,
    joinDuplicateHeaders: true,
    noDelay: true,
    // Finds peers whose machine has gone without a word.
    keepAlive: true,
    keepAliveInitialDelay: limits.keepAliveTimeoutMs,
  });
  // One more than the bound, so that a request beyond it is seen to be beyond it.
  server.maxHeadersCount = limits.headerCountMax + 1;
  server.maxConnections = options.connectionsMax ?? limits.connectionsMax;
  return server;
}
