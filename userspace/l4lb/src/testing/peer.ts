import { createSocket } from "node:dgram";
import type { Socket as UdpSocket } from "node:dgram";
import { connect, createServer } from "node:net";
import type { Server, Socket } from "node:net";
import { createInterface } from "node:readline";

/** Where something listens or is reached. */
interface At {
  readonly address: string;
  readonly port: number;
}

/** What a peer does when it is told. */
export type PeerOrder =
  /** Listens on ports; whoever connects reads `PORT CLIENT\n`, and then all it writes. */
  | { readonly do: "listen"; readonly address: string; readonly ports: readonly number[] }
  | { readonly do: "listenUdp"; readonly address: string; readonly ports: readonly number[] }
  /** Listens no more on ports; connections there live on. */
  | { readonly do: "unlisten"; readonly ports: readonly number[] }
  /** Answers how many connections each port took. */
  | { readonly do: "accepted" }
  /** Connects again and again, `count` times or until `stop`; counts first lines and errors. */
  | (At & { readonly do: "connect"; readonly count: number; readonly atOnce: number })
  | { readonly do: "stop" }
  /** Opens a connection that stays, under a name; answers its first line. */
  | (At & { readonly do: "open"; readonly name: string })
  /** Writes to it and answers what comes back, or the code of the error. */
  | { readonly do: "talk"; readonly name: string; readonly text: string }
  /** Sends datagrams from one socket per name; answers what comes back, or the code of the error. */
  | (At & { readonly do: "send"; readonly name: string; readonly count: number })
  /** Sends requests over connections that stay, for a while; answers how many were answered. */
  | (At & { readonly do: "load"; readonly atOnce: number; readonly forMs: number });

/** What a peer answers: counts by what was read or went wrong, and how long it took. */
export interface PeerAnswer {
  readonly counts: Readonly<Record<string, number>>;
  readonly tookMs: number;
}

const patienceMs = 5000;
const servers = new Map<number, Server | UdpSocket>();
const accepted = new Map<number, number>();
const kept = new Map<string, Socket>();
const datagrams = new Map<string, UdpSocket>();
let stopped = false;

function hearOnce(socket: Socket): Promise<string> {
  return new Promise((resolve) => {
    const end = (text: string): void => {
      socket.off("data", data).off("error", failed).off("close", closed);
      clearTimeout(deadline);
      resolve(text);
    };
    const data = (chunk: Buffer): void => end(chunk.toString().trim());
    const failed = (error: NodeJS.ErrnoException): void => end(error.code ?? "ERROR");
    const closed = (): void => end("CLOSED");
    const deadline = setTimeout(() => end("TIMEOUT"), patienceMs);
    socket.on("data", data).once("error", failed).once("close", closed);
  });
}

function listen(address: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => {
      socket.on("error", () => socket.destroy());
      accepted.set(port, (accepted.get(port) ?? 0) + 1);
      socket.write(`${port} ${socket.remoteAddress ?? ""}\n`);
      socket.pipe(socket);
    });
    servers.set(port, server);
    server.once("error", reject);
    server.listen({ host: address, port, backlog: 1024 }, () => resolve());
  });
}

function listenUdp(address: string, port: number): Promise<void> {
  return new Promise((resolve) => {
    const socket = createSocket(address.includes(":") ? "udp6" : "udp4");
    servers.set(port, socket);
    socket.on("message", (_message, from) => {
      socket.send(`${port} ${from.address}`, from.port, from.address);
    });
    socket.bind(port, address, () => resolve());
  });
}

/** A connection whose errors, when nobody listens for them, end nobody. */
function reach(at: At): Socket {
  const socket = connect({ host: at.address, port: at.port, noDelay: true });
  socket.on("error", () => socket.destroy());
  return socket;
}

async function connectOnce(at: At): Promise<string> {
  const socket = reach(at);
  const heard = await hearOnce(socket);
  // No TIME_WAIT: tests make more connections than there are ports.
  socket.resetAndDestroy();
  return heard;
}

async function connectMany(order: PeerOrder & { do: "connect" }): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  let left = order.count;
  stopped = false;
  const worker = async (): Promise<void> => {
    while (left > 0 && !stopped) {
      left -= 1;
      const heard = await connectOnce(order);
      counts[heard] = (counts[heard] ?? 0) + 1;
    }
  };
  await Promise.all(Array.from({ length: order.atOnce }, worker));
  return counts;
}

function sendOnce(at: At, socket: UdpSocket): Promise<string> {
  return new Promise((resolve) => {
    const end = (text: string): void => {
      clearTimeout(deadline);
      socket.off("message", message);
      resolve(text);
    };
    const message = (text: Buffer): void => end(text.toString());
    const deadline = setTimeout(() => end("TIMEOUT"), 2000);
    socket.once("message", message);
    socket.send("?", at.port, at.address, (error) => {
      if (error !== null) end((error as NodeJS.ErrnoException).code ?? "ERROR");
    });
  });
}

function datagramSocket(name: string, address: string): UdpSocket {
  const known = datagrams.get(name);
  if (known !== undefined) return known;
  const socket = createSocket(address.includes(":") ? "udp6" : "udp4");
  socket.on("error", () => socket.removeAllListeners("message"));
  datagrams.set(name, socket);
  return socket;
}

async function load(order: PeerOrder & { do: "load" }): Promise<Record<string, number>> {
  const end = performance.now() + order.forMs;
  const counts = { answered: 0, failed: 0 };
  const worker = async (): Promise<void> => {
    const socket = reach(order);
    await hearOnce(socket);
    while (performance.now() < end) {
      socket.write("x");
      const heard = await hearOnce(socket);
      if (heard === "x") counts.answered += 1;
      else counts.failed += 1;
      if (heard !== "x") break;
    }
    socket.resetAndDestroy();
  };
  await Promise.all(Array.from({ length: order.atOnce }, worker));
  return counts;
}

async function obey(order: PeerOrder): Promise<Record<string, number>> {
  switch (order.do) {
    case "listen":
      await Promise.all(order.ports.map((port) => listen(order.address, port)));
      return {};
    case "listenUdp":
      await Promise.all(order.ports.map((port) => listenUdp(order.address, port)));
      return {};
    case "unlisten":
      for (const port of order.ports) servers.get(port)?.close();
      return {};
    case "accepted":
      return Object.fromEntries(accepted);
    case "connect":
      return connectMany(order);
    case "stop":
      stopped = true;
      return {};
    case "open": {
      const socket = reach(order);
      kept.set(order.name, socket);
      return { [await hearOnce(socket)]: 1 };
    }
    case "talk": {
      const socket = kept.get(order.name);
      socket?.write(order.text);
      return { [socket === undefined ? "UNKNOWN" : await hearOnce(socket)]: 1 };
    }
    case "send": {
      const counts: Record<string, number> = {};
      for (let i = 0; i < order.count; i++) {
        const heard = await sendOnce(order, datagramSocket(order.name, order.address));
        counts[heard] = (counts[heard] ?? 0) + 1;
      }
      return counts;
    }
    case "load":
      return load(order);
    default:
      return { UNKNOWN: 1 };
  }
}

createInterface({ input: process.stdin })
  .on("line", (line) => {
    const { id, order } = JSON.parse(line) as { readonly id: number; readonly order: PeerOrder };
    const startMs = performance.now();
    void obey(order)
      .catch((error: unknown) => ({ [String(error)]: 1 }))
      .then((counts) => {
        const answer: PeerAnswer = { counts, tookMs: performance.now() - startMs };
        process.stdout.write(`${JSON.stringify({ id, answer })}\n`);
      });
  })
  .on("close", () => process.exit(0));
