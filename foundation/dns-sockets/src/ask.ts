import { createSocket, type Socket } from "node:dgram";
import { connect, isIPv6 } from "node:net";
import { Fault, type Cancellation } from "@tutti/base";
import { limits } from "./limits.ts";
import { systemFault } from "./system-fault.ts";
import { FrameReader, frameMessage } from "./tcp-framing.ts";
import type { Endpoint } from "./types.ts";

export interface AskOptions {
  readonly server: Endpoint;
  readonly message: Uint8Array;
  /** Whether these bytes are the reply; others are ignored, and waiting goes on. */
  readonly accept: (reply: Uint8Array) => boolean;
  readonly timeoutMs: number;
  /** Ends the waiting with a `Fault` ABORTED. */
  readonly signal?: Cancellation;
}

/** Settles once, cleans up once, whatever happens first. */
function settleOnce<T>(
  options: AskOptions,
  start: (settle: { done: (value: T) => void; fail: (error: unknown) => void }) => () => void,
): Promise<T> {
  const where = `asking ${options.server.address}, port ${options.server.port}`;
  return new Promise<T>((resolve, reject) => {
    let over = false;
    let cleanUp = (): void => undefined;
    const end = (): boolean => {
      if (over) return false;
      over = true;
      clearTimeout(timer);
      cleanUp();
      return true;
    };
    const fail = (error: unknown): void => {
      if (end()) reject(systemFault(error, where));
    };
    const timer = setTimeout(() => {
      fail(
        new Fault("TIMEOUT", `${where}: no reply within ${options.timeoutMs} ms`, {
          retryable: true,
        }),
      );
    }, options.timeoutMs);
    const done = (value: T): void => {
      if (end()) resolve(value);
    };
    const stop = start({ done, fail });
    cleanUp = stop;
    if (over) stop();
    options.signal?.addEventListener("abort", () => {
      fail(new Fault("ABORTED", `${where}: given up`, { retryable: false }));
    });
  });
}

/** Asks by one datagram, from a port of its own. Throws a `Fault` (TIMEOUT, ABORTED, the system's code). */
export function askByUdp(options: AskOptions): Promise<Uint8Array> {
  return settleOnce<Uint8Array>(options, ({ done, fail }) => {
    const socket = createSocket(isIPv6(options.server.address) ? "udp6" : "udp4");
    let isOver = false;
    socket.on("error", (error) => {
      if (isOver) closeNow(socket);
      else fail(error);
    });
    socket.on("message", (reply) => {
      if (options.accept(reply)) done(reply);
    });
    // Not as a callback of `connect`: that one is called, too, when there is no way to the server.
    socket.on("connect", () => {
      if (isOver) return;
      socket.send(options.message, (error) => {
        if (error !== null) fail(error);
      });
    });
    socket.connect(options.server.port, options.server.address);
    return () => {
      isOver = true;
      // Node's own listeners stay: while it is being bound it closes with their help, and without them never.
      closeNow(socket);
    };
  });
}

/** Closes a socket that may be closed. */
function closeNow(socket: Socket): void {
  try {
    socket.close();
  } catch {
    // It is, which is what was wanted.
  }
}

/** Asks over a connection of its own. Throws a `Fault` (TIMEOUT, ABORTED, the system's code, CLOSED). */
export function askByTcp(options: AskOptions): Promise<Uint8Array> {
  return settleOnce<Uint8Array>(options, ({ done, fail }) => {
    const frames = new FrameReader(limits.messageBytesMax);
    const socket = connect({ host: options.server.address, port: options.server.port });
    socket.on("error", fail);
    socket.on("close", () => {
      fail(new Fault("CLOSED", "the server closed the connection", { retryable: true }));
    });
    socket.on("data", (piece: Uint8Array) => {
      const reply = frames.push(piece)?.find(options.accept);
      if (reply !== undefined) done(reply);
    });
    socket.write(frameMessage(options.message));
    return () => socket.destroy();
  });
}
