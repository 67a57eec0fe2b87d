import type { IncomingMessage, ServerResponse } from "node:http";
import { acceptsGzip, compress, isCompressible } from "./compression.ts";
import { limits } from "./limits.ts";
import { createStreamWriter } from "./reply-stream.ts";
import { hasBody } from "./request-head.ts";
import type { HttpReply, StreamWriter } from "./types.ts";

type WholeReply = Exclude<HttpReply, { readonly stream: unknown }>;
type StreamReply = Extract<HttpReply, { readonly stream: unknown }>;

const TEXT = "text/plain; charset=utf-8";

/** What a responder is told of its server. */
interface ResponderSite {
  readonly commonHeaders: Readonly<Record<string, string>>;
  /** A stream has begun; it leaves by its `closed` signal. */
  readonly onStream: (writer: StreamWriter) => void;
}

/** Statuses whose answers have no body and no length (RFC 9110 §8.6). */
const BODILESS: ReadonlySet<number> = new Set([204, 304]);

/** Sends the one answer of a request. */
export class Responder {
  readonly #message: IncomingMessage;
  readonly #response: ServerResponse;
  readonly #site: ResponderSite;

  constructor(message: IncomingMessage, response: ServerResponse, site: ResponderSite) {
    this.#message = message;
    this.#response = response;
    this.#site = site;
  }

  /**
   * Sends `reply` to a request whose body was read, or has none. Returns a promise when the answer
   * has to be compressed first.
   */
  send(reply: HttpReply, streamBytesMax: number): Promise<void> | undefined {
    if ("stream" in reply) this.#sendStream(reply, streamBytesMax);
    else if (!this.#response.destroyed) return this.#sendWhole(reply);
    return undefined;
  }

  /**
   * Sends `reply` although the body was not read. The rest of the body is dropped for a bounded
   * while, so that a client that is still sending gets to read the answer; then the connection ends.
   */
  sendEarly(reply: WholeReply): void {
    const response = this.#response;
    if (response.destroyed) return;
    if (this.#message.complete || !hasBody(this.#message)) {
      this.#sendPlain(reply);
      return;
    }
    const body = reply.body ?? "";
    response.writeHead(reply.status, {
      ...this.#headersOf(reply),
      "Content-Length": Buffer.byteLength(body),
      Connection: "close",
    });
    if (body.length > 0) response.write(body);
    else response.flushHeaders();
    this.#linger();
  }

  #linger(): void {
    const message = this.#message;
    let droppedBytes = 0;
    const finish = (): void => {
      clearTimeout(timer);
      this.#response.end();
    };
    const timer = setTimeout(finish, limits.lingerMs);
    message.on("data", (chunk: Buffer) => {
      droppedBytes += chunk.length;
      if (droppedBytes > limits.lingerBytesMax) finish();
    });
    message.once("end", finish).once("close", finish).once("error", finish);
  }

  #sendWhole(reply: WholeReply): Promise<void> | undefined {
    if (reply.body !== undefined && isLargeText(reply, reply.body)) return this.#sendLarge(reply);
    this.#sendPlain(reply);
    return undefined;
  }

  /** Sends a text that is large enough to be compressed, for a client that can read it so. */
  async #sendLarge(reply: WholeReply): Promise<void> {
    const headers = { ...reply.headers, Vary: "Accept-Encoding" };
    if (!acceptsGzip(this.#message.headers["accept-encoding"])) {
      this.#sendPlain({ ...reply, headers });
      return;
    }
    const type = headerOf(reply, "content-type") ?? TEXT;
    const body = await compress(reply.body ?? "");
    const coded = { "Content-Type": type, ...headers, "Content-Encoding": "gzip" };
    this.#sendPlain({ status: reply.status, headers: coded, body });
  }

  #sendPlain(reply: WholeReply): void {
    const response = this.#response;
    if (response.destroyed) return;
    const { body } = reply;
    const headers = this.#headersOf(reply);
    if (!BODILESS.has(reply.status)) {
      headers["Content-Length"] = body === undefined ? "0" : String(Buffer.byteLength(body));
    }
    response.writeHead(reply.status, headers);
    if (body === undefined || body.length === 0 || this.#message.method === "HEAD") response.end();
    else response.end(body);
  }

  #sendStream(reply: StreamReply, bytesMax: number): void {
    const response = this.#response;
    // Whoever made the stream holds something for it: it is told of a client that has gone as of any other.
    if (!response.destroyed) {
      response.writeHead(reply.status, { ...this.#site.commonHeaders, ...reply.headers });
      if (this.#message.method === "HEAD") {
        response.end();
        return;
      }
      response.flushHeaders();
    }
    const writer = createStreamWriter(response, bytesMax);
    this.#site.onStream(writer);
    reply.stream(writer);
  }

  #headersOf(reply: WholeReply): Record<string, string> {
    const headers: Record<string, string> = { ...this.#site.commonHeaders, ...reply.headers };
    const isText = typeof reply.body === "string" && reply.body !== "";
    if (isText && headerOf(reply, "content-type") === undefined) headers["Content-Type"] = TEXT;
    return headers;
  }
}

function isLargeText(reply: WholeReply, body: string | Uint8Array): boolean {
  if (body.length < limits.gzipBytesMin) return false;
  if (headerOf(reply, "content-encoding") !== undefined) return false;
  return isCompressible(headerOf(reply, "content-type") ?? (typeof body === "string" ? TEXT : ""));
}

function headerOf(reply: WholeReply, lowerCaseName: string): string | undefined {
  const { headers } = reply;
  for (const name in headers) {
    if (name.length === lowerCaseName.length && name.toLowerCase() === lowerCaseName)
      return headers[name];
  }
  return undefined;
}
