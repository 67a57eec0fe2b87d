import type { IncomingMessage } from "node:http";
import { Fault } from "@tutti/base";
import { abortedFault, timeoutFault, toClientFault } from "./client-faults.ts";
import { limits } from "./limits.ts";
import { singleHeaders } from "./single-headers.ts";
import type { ClientRequest, ClientResponse } from "./types.ts";

/** The answer whose head is `message`. */
export function createClientResponse(
  request: ClientRequest,
  message: IncomingMessage,
): ClientResponse {
  const bytes = (): Promise<Uint8Array> => readWhole(request, message);
  return {
    status: message.statusCode ?? 0,
    headers: singleHeaders(message.headers),
    bytes,
    text: async () => Buffer.from(await bytes()).toString("utf8"),
    stream: () => readChunks(request, message),
    cancel: () => {
      message.on("error", ignore);
      message.destroy();
    },
  };
}

/** Reads by events: a third cheaper than by an iterator, for the answers that are read whole. */
function readWhole(request: ClientRequest, message: IncomingMessage): Promise<Uint8Array> {
  const bytesMax = request.bodyBytesMax ?? limits.clientBodyBytesMax;
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  return new Promise((resolve, reject) => {
    const guard = guardReading(request, message);
    const fail = (cause: unknown): void => {
      guard.release();
      message.on("error", ignore);
      message.destroy();
      reject(toClientFault(request.url, cause));
    };
    message.on("data", (chunk: Uint8Array) => {
      guard.refresh();
      bytes += chunk.length;
      chunks.push(chunk);
      if (bytes > bytesMax) fail(tooLargeFault(request.url, bytesMax));
    });
    message.once("error", fail);
    message.once("close", () => {
      if (!message.complete) fail(resetFault(request.url));
    });
    // It may have broken off between its head and this reading: then no event will come any more.
    if (message.destroyed && !message.complete) fail(resetFault(request.url));
    message.once("end", () => {
      guard.release();
      const [first] = chunks;
      resolve(first !== undefined && chunks.length === 1 ? first : Buffer.concat(chunks));
    });
  });
}

/** Chunks as they come; leaving the loop early drops the connection. */
async function* readChunks(
  request: ClientRequest,
  message: IncomingMessage,
): AsyncGenerator<Uint8Array> {
  const guard = guardReading(request, message);
  try {
    for await (const chunk of message as AsyncIterable<Uint8Array>) {
      yield chunk;
      guard.refresh();
    }
    if (!message.complete) throw resetFault(request.url);
  } catch (cause) {
    throw toClientFault(request.url, cause);
  } finally {
    guard.release();
  }
}

/** What ends a reading from outside: silence, and the caller's cancellation. */
interface ReadingGuard {
  refresh(): void;
  release(): void;
}

function guardReading(request: ClientRequest, message: IncomingMessage): ReadingGuard {
  const { url, signal, bodyTimeoutMs: idleMs = limits.clientBodyTimeoutMs } = request;
  const idle =
    idleMs === 0 ? undefined : setTimeout(() => message.destroy(timeoutFault(url, idleMs)), idleMs);
  const abort = (): void => void message.destroy(abortedFault(url));
  signal?.addEventListener("abort", abort);
  if (signal?.aborted === true) abort();
  return {
    refresh: () => idle?.refresh(),
    release: () => {
      clearTimeout(idle);
      signal?.removeEventListener("abort", abort);
    },
  };
}

function tooLargeFault(url: string, bytesMax: number): Fault {
  const text = `${url} answered with more than ${bytesMax} bytes.`;
  return new Fault("RESPONSE_TOO_LARGE", text, { retryable: false });
}

function resetFault(url: string): Fault {
  return new Fault("CONNECTION_RESET", `${url} broke off in the middle of its answer.`, {
    retryable: true,
  });
}

function ignore(): void {
  // A cancelled answer breaks off: nobody waits for it.
}
