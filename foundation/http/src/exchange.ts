import type { IncomingMessage, ServerResponse } from "node:http";
import { assertNever } from "@tutti/base";
import { readBody } from "./body-reader.ts";
import type { BodyOutcome } from "./body-reader.ts";
import { codingOf } from "./compression.ts";
import type { Connection } from "./connections.ts";
import { limits } from "./limits.ts";
import { hasBody, IncomingRequest } from "./request-head.ts";
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
  readonly commonHeaders: Readonly<Record<string, string>>;
}

/** Takes one request from its head to the end of its answer. */
export function handleExchange(
  site: Site,
  message: IncomingMessage,
  response: ServerResponse,
  connection: Connection,
): void {
  const exchange: Exchange = {
    site,
    message,
    response,
    request: new IncomingRequest(message, response, connection),
    responder: new Responder(message, response, site),
  };
  try {
    const refusal = refusalOf(site, message, exchange.request);
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
  readonly request: IncomingRequest;
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
  if (codingOf(head.headers["content-encoding"]) !== undefined) return undefined;
  return textReply(
    415,
    "415 Unsupported Media Type. The Content-Encoding of a body may be gzip, or none.",
    { "Accept-Encoding": "gzip" },
  );
}

function enter(exchange: Exchange): void {
  const { site, message, response, request } = exchange;
  const match = site.routes.match(request.path);
  if (match.type === "malformed") {
    sendEarly(exchange, textReply(400, "400 Bad Request. The path is not valid percent-encoding."));
    return;
  }
  if (match.type === "absent") {
    const { notFound } = site.options;
    if (notFound === undefined) sendEarly(exchange, notFoundReply());
    else answer(exchange, notFound, limits.streamBufferedBytesMaxDefault);
    return;
  }
  const { route } = match;
  request.params = match.params;
  const handler =
    route.methods[request.method] ?? (request.method === "HEAD" ? route.methods["GET"] : undefined);
  if (handler === undefined) {
    sendEarly(exchange, refuseMethod(exchange, route));
    return;
  }
  if (!hasBody(message)) {
    answer(exchange, handler, route.streamBufferedBytesMax ?? limits.streamBufferedBytesMaxDefault);
    return;
  }
  if (message.headers.expect !== undefined) response.writeContinue();
  const bytesMax = route.bodyBytesMax ?? limits.bodyBytesMaxDefault;
  readBody(message, bytesMax, (outcome) => takeBody(exchange, { route, handler, outcome }));
}

interface ReadBody {
  readonly route: Route;
  readonly handler: HttpHandler;
  readonly outcome: BodyOutcome;
}

function takeBody(exchange: Exchange, { route, handler, outcome }: ReadBody): void {
  const { site, request } = exchange;
  switch (outcome.type) {
    case "read":
      request.body = outcome.body;
      return answer(
        exchange,
        handler,
        route.streamBufferedBytesMax ?? limits.streamBufferedBytesMaxDefault,
      );
    case "tooLarge": {
      const bytesMax = route.bodyBytesMax ?? limits.bodyBytesMaxDefault;
      return sendEarly(
        exchange,
        site.options.bodyTooLarge?.(bytesMax) ?? bodyTooLargeReply(bytesMax),
      );
    }
    case "broken":
      return sendEarly(exchange, textReply(400, "400 Bad Request. The body is no gzip."));
    case "gone":
      return undefined;
    default:
      return assertNever(outcome);
  }
}

function refuseMethod({ site, request }: Exchange, route: Route): HttpReply {
  const allow = Object.keys(route.methods);
  if (allow.includes("GET") && !allow.includes("HEAD")) allow.push("HEAD");
  return (
    site.options.methodNotAllowed?.(request, allow) ?? methodNotAllowedReply(request.method, allow)
  );
}

/** Calls the handler and sends what it returns; whatever it throws is a bug. */
function answer(exchange: Exchange, handler: HttpHandler, streamBytesMax: number): void {
  try {
    const reply = handler(exchange.request);
    if (!(reply instanceof Promise)) send(exchange, reply, streamBytesMax);
    else {
      reply
        .then((late) => send(exchange, late, streamBytesMax))
        .catch((error: unknown) => fail(exchange, error));
    }
  } catch (error) {
    fail(exchange, error);
  }
}

function send(exchange: Exchange, reply: HttpReply, streamBytesMax: number): void {
  const { message, responder } = exchange;
  if (!("stream" in reply) && !message.complete && hasBody(message)) responder.sendEarly(reply);
  else responder.send(reply, streamBytesMax)?.catch((error: unknown) => fail(exchange, error));
}

function sendEarly(exchange: Exchange, reply: HttpReply): void {
  if ("stream" in reply) {
    void exchange.responder.send(reply, limits.streamBufferedBytesMaxDefault);
  } else exchange.responder.sendEarly(reply);
}

function fail(exchange: Exchange, error: unknown): void {
  const { site, request, response, responder } = exchange;
  site.options.onError(error, { method: request.method, path: request.path });
  if (response.headersSent) response.destroy();
  else
    responder.sendEarly(
      textReply(500, "500 Internal Server Error. This is a bug; the log has its cause."),
    );
}
