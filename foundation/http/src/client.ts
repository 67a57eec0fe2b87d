import { Agent, request as nodeRequest } from "./node-http.ts";
import type { ClientRequest as NodeRequest, IncomingMessage } from "node:http";
import { Fault } from "@tutti/base";
import { abortedFault, timeoutFault, toClientFault } from "./client-faults.ts";
import { createClientResponse } from "./client-response.ts";
import { limits } from "./limits.ts";
import { isSafeMethod } from "./site-guard.ts";
import type { ClientRequest, ClientResponse } from "./types.ts";

const pool = new Agent({
  keepAlive: true,
  scheduling: "lifo",
  maxSockets: limits.clientSocketsPerOriginMax,
  maxFreeSockets: limits.clientFreeSocketsPerOriginMax,
  timeout: limits.clientFreeSocketTimeoutMs,
});

/**
 * Sends a request and resolves with the head of its answer, whatever the status. Throws a `Fault`:
 * CONNECTION_REFUSED, CONNECTION_RESET, TIMEOUT, HOST_NOT_FOUND, UNREACHABLE, BAD_RESPONSE, ABORTED,
 * BAD_URL, or REQUEST_FAILED. Redirects are answers. A request that changes nothing is sent once
 * more when the kept connection it was put on turns out to be dead.
 */
export async function httpRequest(request: ClientRequest): Promise<ClientResponse> {
  const url = parseUrl(request.url);
  try {
    return await attempt(request, url);
  } catch (error) {
    if (error instanceof StaleConnection) return attempt({ ...request, dedicated: true }, url);
    throw error;
  }
}

/** A kept connection had been closed by the other side before this request reached it. */
class StaleConnection extends Fault {}

function parseUrl(text: string): URL {
  const url = URL.parse(text);
  if (url?.protocol === "http:") return url;
  throw new Fault("BAD_URL", `${text} is no http: URL.`, { retryable: false });
}

function attempt(request: ClientRequest, url: URL): Promise<ClientResponse> {
  return new Promise((resolve, reject) => {
    if (request.signal?.aborted === true) {
      reject(abortedFault(request.url));
      return;
    }
    const timeoutMs = request.timeoutMs ?? limits.clientHeadTimeoutMs;
    const sent = send(request, url);
    const deadline = setTimeout(
      () => sent.destroy(timeoutFault(request.url, timeoutMs)),
      timeoutMs,
    );
    const abort = (): void => void sent.destroy(abortedFault(request.url));
    request.signal?.addEventListener("abort", abort);
    const release = (): void => {
      clearTimeout(deadline);
      request.signal?.removeEventListener("abort", abort);
    };
    sent.once("response", (message: IncomingMessage) => {
      release();
      resolve(createClientResponse(request, message));
    });
    sent.on("error", (cause) => {
      release();
      const fault = toClientFault(request.url, cause);
      const isStale =
        sent.reusedSocket && fault.code === "CONNECTION_RESET" && isSafeMethod(request.method);
      reject(
        isStale
          ? new StaleConnection(fault.code, fault.message, { retryable: true, cause })
          : fault,
      );
    });
  });
}

function send(request: ClientRequest, url: URL): NodeRequest {
  const sent = nodeRequest({
    method: request.method,
    path: url.pathname + url.search,
    headers: { ...request.headers },
    agent: request.dedicated === true ? false : pool,
    ...(request.socketPath === undefined
      ? {
          host: url.hostname.replace(/^\[(.*)\]$/u, "$1"),
          port: url.port === "" ? 80 : Number(url.port),
        }
      : { socketPath: request.socketPath }),
  });
  sent.end(request.body);
  return sent;
}
