import { createServer, type Server, type Socket } from "node:net";
import { limits } from "./limits.ts";
import { FrameReader, frameMessage } from "./tcp-framing.ts";
import type { Client, DnsServerOptions } from "./types.ts";

/** One connection. */
class TcpClient implements Client {
  readonly transport = "tcp";
  readonly address: string;
  readonly #socket: Socket;

  constructor(socket: Socket) {
    this.#socket = socket;
    this.address = socket.remoteAddress ?? "";
  }

  reply(message: Uint8Array): void {
    if (this.#socket.destroyed) return;
    this.#socket.write(frameMessage(message));
    if (this.#socket.writableLength > limits.tcpBufferedBytesMax) this.#socket.destroy();
  }
}

/** The TCP side of a server. */
export interface TcpServer {
  readonly connectionCount: number;
  close(): Promise<void>;
}

/** Listens; throws the system's error when it cannot. */
export async function openTcpServer(options: DnsServerOptions): Promise<TcpServer> {
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    serveConnection(socket, options);
  });
  server.maxConnections = limits.tcpConnectionsMax;
  await listen(server, options);
  server.on("error", () => undefined);
  return {
    get connectionCount() {
      return sockets.size;
    },
    async close() {
      const closed = new Promise<void>((resolve) => {
        server.close(() => resolve());
      });
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

async function listen(server: Server, options: DnsServerOptions): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen({ host: options.address, port: options.port, ipv6Only: true }, () => {
      server.off("error", reject);
      resolve();
    });
  });
}

function serveConnection(socket: Socket, options: DnsServerOptions): void {
  const client = new TcpClient(socket);
  const frames = new FrameReader(limits.tcpQueryBytesMax);
  socket.setTimeout(limits.tcpIdleMs, () => socket.destroy());
  socket.on("error", () => undefined);
  socket.on("data", (piece: Uint8Array) => {
    const messages = frames.push(piece);
    if (messages === undefined) {
      socket.destroy();
      return;
    }
    for (const message of messages) options.receive(message, client);
  });
}
