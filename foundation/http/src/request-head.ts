import type { IncomingMessage, ServerResponse } from "node:http";
import type { Connection } from "./connections.ts";
import { singleHeaders } from "./single-headers.ts";
import type { HttpRequest } from "./types.ts";

const EMPTY = new Uint8Array(0);
const NO_PARAMS: Readonly<Record<string, string>> = {};

/** Whether a body follows the head of `message`. */
export function hasBody(message: IncomingMessage): boolean {
  const { headers } = message;
  const length = headers["content-length"];
  return headers["transfer-encoding"] !== undefined || (length !== undefined && length !== "0");
}

/**
 * One request of a client: its head from the beginning, `params` and `body` once they are known.
 * `query` and `signal` are made when first asked for: most requests ask for neither.
 */
export class IncomingRequest implements HttpRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly remoteAddress: string;
  readonly remotePort: number;
  params = NO_PARAMS;
  body: Uint8Array = EMPTY;
  readonly #response: ServerResponse;
  readonly #search: string;
  #query: URLSearchParams | undefined;
  #signal: AbortSignal | undefined;

  constructor(message: IncomingMessage, response: ServerResponse, connection: Connection) {
    const target = relativeTarget(message.url ?? "/");
    const mark = target.indexOf("?");
    this.method = message.method ?? "GET";
    this.path = mark < 0 ? target : target.slice(0, mark);
    this.headers = singleHeaders(message.headers);
    this.remoteAddress = connection.remoteAddress;
    this.remotePort = connection.remotePort;
    this.#response = response;
    this.#search = mark < 0 ? "" : target.slice(mark + 1);
  }

  get query(): URLSearchParams {
    this.#query ??= new URLSearchParams(this.#search);
    return this.#query;
  }

  get signal(): AbortSignal {
    this.#signal ??= closeSignal(this.#response);
    return this.#signal;
  }
}

/** The path and query of a request target, which a proxy's client sends with scheme and authority. */
function relativeTarget(target: string): string {
  if (target.startsWith("/")) return target;
  const match = /^https?:\/\/[^/?#]*(.*)$/iu.exec(target);
  if (match === null) return target;
  const rest = match[1] ?? "";
  return rest.startsWith("/") ? rest : `/${rest}`;
}

/** Aborted when the connection goes away before the answer is finished. */
function closeSignal(response: ServerResponse): AbortSignal {
  const controller = new AbortController();
  const check = (): void => {
    if (!response.writableFinished) controller.abort();
  };
  if (response.destroyed || response.closed) check();
  else response.once("close", check);
  return controller.signal;
}
