import { createSocket, type Socket } from "node:dgram";
import { isIPv6 } from "node:net";
import { limits } from "./limits.ts";
import type { Client, DnsServerOptions } from "./types.ts";

/** The sender of one datagram. */
class UdpClient implements Client {
  readonly transport = "udp";
  readonly address: string;
  readonly #socket: Socket;
  readonly #port: number;

  constructor(socket: Socket, address: string, port: number) {
    this.#socket = socket;
    this.address = address;
    this.#port = port;
  }

  reply(message: Uint8Array): void {
    try {
      this.#socket.send(message, this.#port, this.address);
    } catch {
      // The socket was closed, or the port is 0: there is nobody to tell.
    }
  }
}

/** Sends without asking a resolver: what it is given is an address already. */
function noLookup(
  address: string,
  _options: unknown,
  done: (error: null, address: string, family: number) => void,
): void {
  done(null, address, 4);
}

/** A bound socket that tells its datagrams; throws the system's error when it cannot be bound. */
export async function openUdpServer(options: DnsServerOptions): Promise<Socket> {
  const socket = createSocket({
    type: isIPv6(options.address) ? "udp6" : "udp4",
    ipv6Only: isIPv6(options.address),
    lookup: noLookup as never,
    ...(options.sharePort === true ? { reusePort: true } : {}),
  });
  const { receive } = options;
  socket.on("message", (message, from) => {
    receive(message, new UdpClient(socket, from.address, from.port));
  });
  await new Promise<void>((resolve, reject) => {
    socket.once("error", (error) => {
      // Unbound it has a descriptor all the same.
      socket.close();
      reject(error);
    });
    socket.bind({ address: options.address, port: options.port, exclusive: true }, () => {
      socket.removeAllListeners("error");
      resolve();
    });
  });
  // What goes wrong with one datagram (a client that is gone) is nobody else's matter.
  socket.on("error", () => undefined);
  try {
    socket.setRecvBufferSize(limits.datagramBufferBytes);
    socket.setSendBufferSize(limits.datagramBufferBytes);
  } catch {
    // The system decides how much it holds; its own size serves, too.
  }
  return socket;
}
