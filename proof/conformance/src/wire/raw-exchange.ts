// Bytes over a socket, and what of an answer can be compared with recorded bytes.
import { connect } from "node:net";

/** One answer on the wire. */
export interface RawAnswer {
  readonly status: number;
  readonly reason: string;
  /** Names in lower case. */
  readonly headers: ReadonlyMap<string, string>;
  readonly isChunked: boolean;
  /** Of a chunked answer its chunks, else the body as one. */
  readonly chunks: readonly string[];
}

/** What came back on a connection. */
export interface RawOutcome {
  readonly answers: readonly RawAnswer[];
  readonly closedByServer: boolean;
}

/** How long nothing may come before a connection is taken for kept open. */
const quietMs = 250;

/**
 * Sends bytes (each character is one) and reads until the server closes, or has nothing more to say:
 * to the first byte it may take longer by the factor `patience`.
 */
export function exchangeBytes(port: number, sent: string, patience = 20): Promise<RawOutcome> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1");
    let received = "";
    let timer: NodeJS.Timeout | undefined;
    const finish = (closedByServer: boolean): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve({ answers: parseAnswers(received), closedByServer });
    };
    const wait = (): void => {
      clearTimeout(timer);
      // Before the first byte the server may be busy; then it is only a matter of its pauses.
      timer = setTimeout(() => finish(false), received === "" ? quietMs * patience : quietMs);
    };
    socket.on("connect", () => {
      socket.write(Buffer.from(sent, "latin1"));
      wait();
    });
    socket.on("data", (chunk: Buffer) => {
      received += chunk.toString("latin1");
      wait();
    });
    socket.on("end", () => finish(true));
    socket.on("error", (error) => (received === "" ? reject(error) : finish(true)));
  });
}

/** The answers in received bytes. An informational one (100) is none. */
export function parseAnswers(received: string): RawAnswer[] {
  const answers: RawAnswer[] = [];
  let rest = received;
  while (rest !== "") {
    const headEnd = rest.indexOf("\r\n\r\n");
    if (headEnd < 0) throw new Error(`half an answer: ${rest.slice(0, 200)}`);
    const [first = "", ...lines] = rest.slice(0, headEnd).split("\r\n");
    rest = rest.slice(headEnd + 4);
    const match = /^HTTP\/1\.1 (\d+) (.*)$/u.exec(first);
    if (match === null) throw new Error(`no status line: ${first}`);
    const status = Number(match[1]);
    if (status === 100) continue;
    const headers = new Map(
      lines.map((line) => {
        const colon = line.indexOf(":");
        return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
      }),
    );
    const isChunked = headers.get("transfer-encoding") === "chunked";
    const body = isChunked ? readChunks(rest) : readPlain(rest, headers);
    rest = body.rest;
    answers.push({ status, reason: match[2] ?? "", headers, isChunked, chunks: body.chunks });
  }
  return answers;
}

function readChunks(text: string): { readonly chunks: string[]; readonly rest: string } {
  const chunks: string[] = [];
  let rest = text;
  while (rest !== "") {
    const lineEnd = rest.indexOf("\r\n");
    const size = Number.parseInt(rest.slice(0, lineEnd), 16);
    const begin = lineEnd + 2;
    // The recording of a stream was cut somewhere.
    if (lineEnd < 0 || rest.length < begin + size + 2) return { chunks, rest: "" };
    if (size === 0) return { chunks, rest: rest.slice(begin + 2) };
    chunks.push(rest.slice(begin, begin + size));
    rest = rest.slice(begin + size + 2);
  }
  return { chunks, rest };
}

/** An answer to HEAD has a length and no body: what follows is another answer, or nothing. */
function readPlain(
  text: string,
  headers: ReadonlyMap<string, string>,
): { readonly chunks: string[]; readonly rest: string } {
  const length = Number(headers.get("content-length") ?? "0");
  if (text === "" || text.startsWith("HTTP/1.1 ")) return { chunks: [""], rest: text };
  return { chunks: [text.slice(0, length)], rest: text.slice(length) };
}
