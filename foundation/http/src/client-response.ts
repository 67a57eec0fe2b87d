import type { IncomingMessage } from "node:http";
import { Fault } from "@tutti/base";
import { abortedFault, timeoutFault, toClientFault } from "./client-faults.ts";
import { limits } from "./limits.ts";
import type { ClientRequest, ClientResponse } from "./types.ts";

/** The answer whose head is `message`. */
export function createClientResponse(
  request: ClientRequest,
  message: IncomingMessage,
): ClientResponse {
  const bytes = (): Promise<Uint8Array> => readWhole(request, message);
  return {
    status: message.statusCode ?? 0,
    headers: singleHeaders(message),
    bytes,
    text: async () => Buffer.from(await bytes()).toString("utf8"),
    stream: () => readChunks(request, message),
    cancel: () => {
      message.on("error", ignore);
      message.destroy();
    },
  };
}

function singleHeaders(message: IncomingMessage): Readonly<Record<string, string>> {
  const single: Record<string, string> = {};
  for (const [name, value] of Object.entries(message.headers)) {
    if (value !== undefined) single[name] = typeof value === "string" ? value : value.join(", ");
  }
  return single;
}

async function readWhole(request: ClientRequest, message: IncomingMessage): Promise<Uint8Array> {
  const bytesMax = request.bodyBytesMax ?? limits.clientBodyBytesMax;
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of readChunks(request, message)) {
    bytes += chunk.length;
    if (bytes > bytesMax) {
      const text = `${request.url} answered with more than ${bytesMax} bytes.`;
      throw new Fault("RESPONSE_TOO_LARGE", text, { retryable: false });
    }
    chunks.push(chunk);
  }
  const [first] = chunks;
  return first !== undefined && chunks.length === 1 ? first : Buffer.concat(chunks);
}

/** Chunks as they come; leaving the loop early drops the connection. */
async function* readChunks(
  request: ClientRequest,
  message: IncomingMessage,
): AsyncGenerator<Uint8Array> {
  const idleMs = request.bodyTimeoutMs ?? limits.clientBodyTimeoutMs;
  const idle =
    idleMs === 0
      ? undefined
      : setTimeout(() => message.destroy(timeoutFault(request.url, idleMs)), idleMs);
  const abort = (): void => void message.destroy(abortedFault(request.url));
  request.signal?.addEventListener("abort", abort);
  if (request.signal?.aborted === true) abort();
  try {
    for await (const chunk of message as AsyncIterable<Uint8Array>) {
      yield chunk;
      idle?.refresh();
    }
    if (!message.complete) throw resetFault(request.url);
  } catch (cause) {
    throw toClientFault(request.url, cause);
  } finally {
    clearTimeout(idle);
    request.signal?.removeEventListener("abort", abort);
  }
}

function resetFault(url: string): Fault {
  return new Fault("CONNECTION_RESET", `${url} broke off in the middle of its answer.`, {
    retryable: true,
  });
}

function ignore(): void {
  // A cancelled answer breaks off: nobody waits for it.
}
