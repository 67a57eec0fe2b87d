import type { Cancellation } from "@tutti/base";

/** A request whose body has been read, within the route's bound. */
export interface HttpRequest {
  readonly method: string;
  /** The raw path as sent, without the query. */
  readonly path: string;
  /** Values of the pattern's `:name` segments and of `*` (as `rest`), percent-decoded. */
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  /** Names in lower case; repeated headers joined by ", ". */
  readonly headers: Readonly<Record<string, string>>;
  readonly remoteAddress: string;
  /** 0 when it is not known any more. */
  readonly remotePort: number;
  readonly body: Uint8Array;
  /** Aborted when the client goes away. */
  readonly signal: AbortSignal;
}

/** An answer: whole, or a stream that lives until one side ends it. */
export type HttpReply =
  | {
      readonly status: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body?: string | Uint8Array;
    }
  | {
      readonly status: number;
      readonly headers?: Readonly<Record<string, string>>;
      /**
       * Called once the head is sent, and also when the client has gone by then: `closed` follows. Not
       * called for HEAD. Each `write` is one chunk on the wire.
       */
      readonly stream: (writer: StreamWriter) => void;
    };

/** The sending side of a streaming answer. */
export interface StreamWriter {
  /**
   * Sends one chunk at once. A writer whose `bufferedBytes` exceed the route's bound by more than its
   * largest single chunk (a first snapshot may be larger than any bound) is cut. Ignored after the end.
   */
  write(chunk: string | Uint8Array): void;
  end(): void;
  /** Destroys the connection without a proper end. */
  destroy(): void;
  readonly bufferedBytes: number;
  /** Aborted when the connection is gone, from either side. */
  readonly closed: AbortSignal;
}

/** Answers one kind of request. */
export type HttpHandler = (request: HttpRequest) => HttpReply | Promise<HttpReply>;

/** A path pattern and its handler per method. A known path with another method is 405 with `Allow`. */
export interface Route {
  /** Segments, `:name` for one segment, a last `*` for the rest: `/v2/apps/*`. A trailing slash is accepted. */
  readonly path: string;
  readonly methods: Readonly<Record<string, HttpHandler>>;
  /** A larger body is 413. Default: `limits.bodyBytesMaxDefault`. */
  readonly bodyBytesMax?: number;
  /** What a stream of this route may buffer. Default: `limits.streamBufferedBytesMaxDefault`. */
  readonly streamBufferedBytesMax?: number;
}

/** What is known of a request before its body is read. */
export type RequestHead = Omit<HttpRequest, "body" | "params">;

/** Decides, before the body is read, whether a request may pass; its reply ends the request. */
export type Guard = (request: RequestHead) => HttpReply | undefined;

/** What a server is made of. */
export interface ServerOptions {
  readonly host: string;
  /** 0 for any free port. */
  readonly port: number;
  readonly routes: readonly Route[];
  /**
   * Decides, before the body is read, whether a request may pass; its reply ends it (401, 403 …).
   * The default host check accepts IP literals and the names in `hostNames`.
   */
  readonly guard?: Guard;
  readonly hostNames?: readonly string[];
  /** Answer for a path without a route; default 404 as text. */
  readonly notFound?: HttpHandler;
  /** Answer for a known path with another method; default 405 with `Allow`. */
  readonly methodNotAllowed?: (request: HttpRequest, allow: readonly string[]) => HttpReply;
  /** Answer for a body over the bound; default 413 as text. */
  readonly bodyTooLarge?: (bytesMax: number) => HttpReply;
  /** Headers added to every answer. */
  readonly commonHeaders?: Readonly<Record<string, string>>;
  /** A client that has not sent its whole request by then is cut with 408. Default `limits.requestTimeoutMs`. */
  readonly requestTimeoutMs?: number;
  /** More connections are dropped at once. Default `limits.connectionsMax`. */
  readonly connectionsMax?: number;
  /** A handler that threw: a bug; the answer is 500 and this is told. */
  readonly onError: (
    error: unknown,
    request: { readonly method: string; readonly path: string },
  ) => void;
}

/** A listening server. */
export interface HttpServer {
  readonly url: string;
  readonly port: number;
  /** Stops listening, ends streams, waits for requests in flight up to a bound. */
  close(): Promise<void>;
}

/** A request of the client. Connections are kept and pooled per origin. */
export interface ClientRequest {
  readonly method: string;
  /** An `http:` URL. */
  readonly url: string;
  /** Connect to this unix socket instead of the URL's host. */
  readonly socketPath?: string;
  /** Use a connection of its own, outside the pool: for answers that last. */
  readonly dedicated?: boolean;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  /** Drops the request, or the rest of its answer, with a `Fault` ABORTED. */
  readonly signal?: Cancellation;
  /** Until the head of the answer; default `limits.clientHeadTimeoutMs`. Throws a `Fault` TIMEOUT. */
  readonly timeoutMs?: number;
  /** Until the next chunk of the body; 0 = no bound (streams). Default `limits.clientBodyTimeoutMs`. */
  readonly bodyTimeoutMs?: number;
  /** What `text` and `bytes` take before they throw RESPONSE_TOO_LARGE. Default `limits.clientBodyBytesMax`. */
  readonly bodyBytesMax?: number;
}

/**
 * The head of an answer; its body is read once, in one of the forms, or cancelled: until then its
 * connection is taken. Reading throws a `Fault` (TIMEOUT, CONNECTION_RESET, ABORTED, RESPONSE_TOO_LARGE).
 */
export interface ClientResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  text(): Promise<string>;
  bytes(): Promise<Uint8Array>;
  stream(): AsyncIterable<Uint8Array>;
  /** Drops the rest of the body and the connection. */
  cancel(): void;
}
