import type { IncomingMessage, ServerResponse } from "node:http";
import { readBody } from "./body-reader.ts";
import { limits } from "./limits.ts";
import { hasBody, readHead } from "./request-head.ts";
import { Responder } from "./responder.ts";
import type { RouteTable } from "./route-table.ts";
import {
  bodyTooLargeReply,
  methodNotAllowedReply,
  notFoundReply,
  textReply,
} from "./standard-replies.ts";
import type {
  Guard,
  HttpHandler,
  HttpReply,
  HttpRequest,
  RequestHead,
  Route,
  ServerOptions,
  StreamWriter,
} from "./types.ts";

/** What all requests of one server share. */
export interface Site {
  readonly options: ServerOptions;
  readonly routes: RouteTable;
  /** In the order in which they are asked. */
  readonly guards: readonly Guard[];
  readonly onStream: (writer: StreamWriter) => void;
}

const EMPTY = new Uint8Array(0);

/** Takes one request from its head to the end of its answer. */
export function handleExchange(
  site: Site,
  message: IncomingMessage,
  response: ServerResponse,
): void {
  const head = readHead(message, response);
  const { commonHeaders = {} } = site.options;
  const responder = new Responder(message, response, { commonHeaders, onStream: site.onStream });
  const exchange = { site, message, response, head, responder };
  try {
    const refusal = refusalOf(site, message, head);
    if (refusal === undefined) enter(exchange);
    else sendEarly(exchange, refusal);
  } catch (error) {
    fail(exchange, error);
  }
}

interface Exchange {
  readonly site: Site;
  readonly message: IncomingMessage;
  readonly response: ServerResponse;
  readonly head: RequestHead;
  readonly responder: Responder;
}

function refusalOf(site: Site, message: IncomingMessage, head: RequestHead): HttpReply | undefined {
  if (message.rawHeaders.length > limits.headerCountMax * 2) {
    const text = `431 Request Header Fields Too Large. A request may have at most ${limits.headerCountMax} headers.`;
    return textReply(431, text);
  }
  for (const guard of site.guards) {
    const refusal = guard(head);
    if (refusal !== undefined) return refusal;
  }
  const coding = head.headers["content-encoding"]?.toLowerCase() ?? "identity";
  if (coding === "identity") return undefined;
  return textReply(415, "415 Unsupported Media Type. Send the body without a Content-Encoding.");
}

function enter(exchange: Exchange): void {
  const { site, message, response, head } = exchange;
  const match = site.routes.match(head.path);
  if (match.type === "malformed") {
    sendEarly(exchange, textReply(400, "400 Bad Request. The path is not valid percent-encoding."));
    return;
  }
  if (match.type === "absent") {
    const { notFound } = site.options;
    if (notFound === undefined) sendEarly(exchange, notFoundReply());
    else
      answer(exchange, notFound, requestOf(head, {}, EMPTY), limits.streamBufferedBytesMaxDefault);
    return;
  }
  const { route, params } = match;
  const handler =
    route.methods[head.method] ?? (head.method === "HEAD" ? route.methods["GET"] : undefined);
  if (handler === undefined) {
    sendEarly(exchange, refuseMethod(exchange, route, params));
    return;
  }
  if (message.headers.expect !== undefined && hasBody(message)) response.writeContinue();
  const bytesMax = route.bodyBytesMax ?? limits.bodyBytesMaxDefault;
  readBody(message, bytesMax, (outcome) => {
    if (outcome.type === "tooLarge") {
      sendEarly(exchange, site.options.bodyTooLarge?.(bytesMax) ?? bodyTooLargeReply(bytesMax));
    } else if (outcome.type === "read") {
      const streamBytesMax = route.streamBufferedBytesMax ?? limits.streamBufferedBytesMaxDefault;
      answer(exchange, handler, requestOf(head, params, outcome.body), streamBytesMax);
    }
  });
}

function refuseMethod(
  exchange: Exchange,
  route: Route,
  params: Readonly<Record<string, string>>,
): HttpReply {
  const { site, head } = exchange;
  const allow = Object.keys(route.methods);
  if (allow.includes("GET") && !allow.includes("HEAD")) allow.push("HEAD");
  const request = requestOf(head, params, EMPTY);
  return (
    site.options.methodNotAllowed?.(request, allow) ?? methodNotAllowedReply(head.method, allow)
  );
}

function requestOf(
  head: RequestHead,
  params: Readonly<Record<string, string>>,
  body: Uint8Array,
): HttpRequest {
  return {
    method: head.method,
    path: head.path,
    params,
    headers: head.headers,
    remoteAddress: head.remoteAddress,
    body,
    get query() {
      return head.query;
    },
    get signal() {
      return head.signal;
    },
  };
}

/** Calls the handler and sends what it returns; whatever it throws is a bug. */
function answer(
  exchange: Exchange,
  handler: HttpHandler,
  request: HttpRequest,
  streamBytesMax: number,
): void {
  const { message, responder } = exchange;
  const send = (reply: HttpReply): Promise<void> | undefined => {
    if ("stream" in reply || message.complete || !hasBody(message)) {
      return responder.send(reply, streamBytesMax);
    }
    responder.sendEarly(reply);
    return undefined;
  };
  const failed = (error: unknown): void => fail(exchange, error);
  try {
    const reply = handler(request);
    const sent = reply instanceof Promise ? reply.then(send) : send(reply);
    sent?.catch(failed);
  } catch (error) {
    failed(error);
  }
}

function sendEarly(exchange: Exchange, reply: HttpReply): void {
  if ("stream" in reply) {
    void exchange.responder.send(reply, limits.streamBufferedBytesMaxDefault);
  } else exchange.responder.sendEarly(reply);
}

function fail(exchange: Exchange, error: unknown): void {
  const { site, head, response, responder } = exchange;
  site.options.onError(error, { method: head.method, path: head.path });
  if (response.headersSent) response.destroy();
  else
    responder.sendEarly(
      textReply(500, "500 Internal Server Error. This is a bug; the log has its cause."),
    );
}
