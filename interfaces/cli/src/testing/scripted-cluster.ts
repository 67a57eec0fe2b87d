import { type HttpReply, type HttpRequest, startHttpServer, type StreamWriter } from "@tutti/http";
import type { TextSink } from "../context.ts";
import { runCli } from "../run-cli.ts";

/** A request as the scripted cluster saw it. */
export interface SeenRequest {
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  readonly authorization: string | undefined;
  readonly body: unknown;
}

/** Answers one path; the path is matched without its query. */
export type Script = (request: SeenRequest, query: URLSearchParams) => Answer;

/** A status and a JSON value, or a text. */
export interface Answer {
  readonly status: number;
  readonly json?: unknown;
  readonly text?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What a run of the CLI left. */
export interface CliRun {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A run whose output can be looked at while it goes on. */
export interface LiveRun {
  readonly lines: () => readonly string[];
  readonly notes: () => string;
  /** The reader of the output goes away. */
  readonly breakPipe: () => void;
  readonly ended: Promise<CliRun>;
}

/**
 * A server on a free port that answers as master, Marathon and agent in one, from scripts and files. It
 * stands in for the wire only: shapes are those of recorded and documented exchanges.
 */
export class ScriptedCluster {
  readonly scripts = new Map<string, Script>();
  readonly files = new Map<string, Buffer>();
  readonly seen: SeenRequest[] = [];
  readonly #streams = new Set<StreamWriter>();
  url = "";
  port = 0;
  /** As our agents do, and not as Mesos's: a character that a piece would cut is left out of it. */
  leavesOutCutCharacters = false;
  /** While true every connection is answered with a reset. */
  isAway = false;
  #close: () => Promise<void> = () => Promise.resolve();

  /** On a free port, unless one is named. */
  static async start(port = 0): Promise<ScriptedCluster> {
    const cluster = new ScriptedCluster();
    const methods = ["GET", "POST", "PUT", "PATCH", "DELETE"];
    const handler = (request: HttpRequest): HttpReply => cluster.#answer(request);
    const server = await startHttpServer({
      host: "127.0.0.1",
      port,
      routes: [{ path: "/*", methods: Object.fromEntries(methods.map((name) => [name, handler])) }],
      onError: (error) => {
        throw error;
      },
    });
    cluster.url = server.url;
    cluster.port = server.port;
    cluster.#close = () => server.close();
    return cluster;
  }

  async close(): Promise<void> {
    for (const stream of this.#streams) stream.end();
    await this.#close();
  }

  /** Answers `METHOD /path` (without query) from now on. */
  on(call: string, script: Script | Answer): void {
    this.scripts.set(call, typeof script === "function" ? script : () => script);
  }

  /** Sends an event to every listener of `/v2/events`. */
  publish(event: { readonly eventType: string; readonly [field: string]: unknown }): void {
    for (const stream of this.#streams) {
      stream.write(`event: ${event.eventType}\r\ndata: ${JSON.stringify(event)}\r\n\r\n`);
    }
  }

  /** Runs a command against this cluster to its end. */
  run(args: readonly string[], more: RunOptions = {}): Promise<CliRun> {
    return this.runLive(args, more).ended;
  }

  /** Runs a command and lets its output be seen while it goes on. */
  runLive(args: readonly string[], more: RunOptions = {}): LiveRun {
    const env = { TUTTI_NODE: this.url, ...more.env };
    return runCommand([...args, "--url", this.url, "--marathon-url", this.url], { ...more, env });
  }

  #answer(request: HttpRequest): HttpReply {
    if (this.isAway) return { status: 503, stream: (writer) => writer.destroy() };
    const body = Buffer.from(request.body).toString("utf8");
    const seen = {
      method: request.method,
      target: request.path + (request.query.size === 0 ? "" : `?${request.query.toString()}`),
      authorization: request.headers["authorization"],
      body: body === "" ? undefined : (JSON.parse(body) as unknown),
    };
    this.seen.push(seen);
    if (request.path === "/v2/events") {
      return {
        status: 200,
        headers: { "content-type": "text/event-stream" },
        stream: (writer) => {
          this.#streams.add(writer);
          writer.write("event: event_stream_attached\r\ndata: {}\r\n\r\n");
        },
      };
    }
    if (request.path === "/files/read") return this.#readFile(request.query);
    const script = this.scripts.get(`${request.method} ${request.path}`);
    return toReply(script?.(seen, request.query) ?? notFound(request.path));
  }

  /** As an agent does: pieces of at most 64 KiB. */
  #readFile(query: URLSearchParams): HttpReply {
    const file = this.files.get(query.get("path") ?? "");
    if (file === undefined) return { status: 404, body: "Cannot find the file.\n" };
    const offset = Number(query.get("offset"));
    if (offset === -1) return toReply({ status: 200, json: { data: "", offset: file.length } });
    const length = Math.min(Number(query.get("length") ?? 65_536), 65_536);
    const data = file.subarray(offset, offset + length).toString("utf8");
    const isCut = this.leavesOutCutCharacters && offset + length < file.length;
    const whole = isCut ? data.replace(/\u{fffd}+$/u, "") : data;
    return toReply({ status: 200, json: { data: whole, offset } });
  }
}

function notFound(path: string): Answer {
  return { status: 404, json: { message: `${path} does not exist` } };
}

function toReply({ status, json, text, headers = {} }: Answer): HttpReply {
  if (json === undefined) return { status, headers, body: text ?? "" };
  return {
    status,
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(json),
  };
}

/** What differs from a quiet run in a pipe. */
export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly dir?: string;
  readonly stdin?: string;
  readonly isTty?: boolean;
  readonly signal?: AbortSignal;
  /** Machines that the launcher knows to be removed for ever. */
  readonly gone?: readonly string[];
}

/** Runs the CLI with captured output. */
export function runCommand(args: readonly string[], more: RunOptions = {}): LiveRun {
  let broken: ((error: Error) => void) | undefined;
  const written = { stdout: "", stderr: "" };
  const sink = (name: "stdout" | "stderr"): TextSink => ({
    write: (text) => {
      written[name] += text;
      return true;
    },
    on: (_event, listener) => {
      if (name === "stdout") broken = listener;
    },
  });
  const ended = runCli(args, {
    dir: more.dir ?? "/nonexistent",
    env: more.env ?? {},
    stdin: stdinOf(more.stdin ?? ""),
    stdout: sink("stdout"),
    stderr: sink("stderr"),
    isTty: more.isTty ?? false,
    goneMachines: () => Promise.resolve(more.gone ?? []),
    ...(more.signal === undefined ? {} : { signal: more.signal }),
  }).then((exitCode) => ({ exitCode, ...written }));
  return {
    ended,
    lines: () => written.stdout.split("\n").slice(0, -1),
    notes: () => written.stderr,
    breakPipe: () => broken?.(Object.assign(new Error("write EPIPE"), { code: "EPIPE" })),
  };
}

async function* stdinOf(text: string): AsyncGenerator<string> {
  yield await Promise.resolve(text);
}

/** Polls until `probe` holds; throws after a minute. */
export async function until(what: string, probe: () => boolean): Promise<void> {
  const deadlineMs = performance.now() + 60_000;
  while (!probe()) {
    if (performance.now() > deadlineMs) throw new Error(`not within a minute: ${what}`);
    await new Promise((resolve) => {
      setTimeout(resolve, 10);
    });
  }
}
