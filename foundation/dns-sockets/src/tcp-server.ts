import { createServer, type Server, type Socket } from "node:net";
import { limits } from "./limits.ts";
import { TcpConnections } from "./tcp-connections.ts";
import { FrameReader, frameMessage } from "./tcp-framing.ts";
import type { Client, DnsServerOptions } from "./types.ts";

/** What a TCP server may have, and how long it waits: those of `limits`, but for tests. */
export interface TcpBounds {
  readonly tcpConnectionsMax: number;
  readonly tcpIdleMs: number;
}

/** One connection. */
class TcpClient implements Client {
  readonly transport = "tcp";
  readonly address: string;
  readonly #socket: Socket;
  readonly #onUse: () => void;
  #unansweredCount = 0;

  constructor(socket: Socket, onUse: (client: TcpClient) => void) {
    this.#socket = socket;
    this.address = socket.remoteAddress ?? "";
    this.#onUse = () => onUse(this);
  }

  get unansweredCount(): number {
    return this.#unansweredCount;
  }

  /** A whole message has come. */
  asked(): void {
    this.#unansweredCount += 1;
    this.#onUse();
  }

  reply(message: Uint8Array): void {
    if (this.#socket.destroyed) return;
    this.#unansweredCount = Math.max(0, this.#unansweredCount - 1);
    this.#onUse();
    this.#socket.write(frameMessage(message));
    if (this.#socket.writableLength > limits.tcpBufferedBytesMax) this.#socket.destroy();
  }

  destroy(): void {
    this.#socket.destroy();
  }
}

/** The TCP side of a server. */
export interface TcpServer {
  readonly connectionCount: number;
  close(): Promise<void>;
}

/** Listens; throws the system's error when it cannot. */
export async function openTcpServer(
  options: DnsServerOptions,
  bounds: TcpBounds = limits,
): Promise<TcpServer> {
  const connections = new TcpConnections<TcpClient>(bounds.tcpConnectionsMax);
  const server = createServer({ noDelay: true }, (socket) => {
    serveConnection(socket, { options, bounds, connections });
  });
  await listen(server, options);
  server.on("error", () => undefined);
  return {
    get connectionCount() {
      return connections.size;
    },
    async close() {
      const closed = new Promise<void>((resolve) => {
        server.close(() => resolve());
      });
      connections.destroyAll();
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

interface Serving {
  readonly options: DnsServerOptions;
  readonly bounds: TcpBounds;
  readonly connections: TcpConnections<TcpClient>;
}

function serveConnection(socket: Socket, { options, bounds, connections }: Serving): void {
  // Whole messages and replies renew it. Bytes do not: a message that never ends would hold the connection for ever.
  const deadline = setTimeout(() => socket.destroy(), bounds.tcpIdleMs);
  const client = new TcpClient(socket, (one) => {
    deadline.refresh();
    connections.used(one);
  });
  const frames = new FrameReader(limits.tcpQueryBytesMax);
  connections.add(client);
  socket.on("close", () => {
    clearTimeout(deadline);
    connections.delete(client);
  });
  socket.on("error", () => undefined);
  socket.on("data", (piece: Uint8Array) => {
    const messages = frames.push(piece);
    if (messages === undefined) {
      socket.destroy();
      return;
    }
    for (const message of messages) {
      client.asked();
      options.receive(message, client);
    }
  });
}
