import type { IncomingMessage, ServerResponse } from "node:http";
import { singleHeaders } from "./single-headers.ts";
import type { RequestHead } from "./types.ts";

/** Whether a body follows the head of `message`. */
export function hasBody(message: IncomingMessage): boolean {
  const length = message.headers["content-length"];
  return (
    message.headers["transfer-encoding"] !== undefined || (length !== undefined && length !== "0")
  );
}

/**
 * What is known of a request before its body. `query` and `signal` are made when first asked for:
 * most requests ask for neither.
 */
export function readHead(message: IncomingMessage, response: ServerResponse): RequestHead {
  const target = relativeTarget(message.url ?? "/");
  const mark = target.indexOf("?");
  const path = mark < 0 ? target : target.slice(0, mark);
  let query: URLSearchParams | undefined;
  let signal: AbortSignal | undefined;
  return {
    method: message.method ?? "GET",
    path,
    headers: singleHeaders(message.headers),
    remoteAddress: message.socket.remoteAddress ?? "",
    get query() {
      query ??= new URLSearchParams(mark < 0 ? "" : target.slice(mark + 1));
      return query;
    },
    get signal() {
      signal ??= closeSignal(response);
      return signal;
    },
  };
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
