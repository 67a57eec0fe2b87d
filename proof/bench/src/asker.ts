import { connect } from "node:net";
import type { Socket } from "node:net";

const headEnd = Buffer.from("\r\n\r\n");

/**
 * Asks a server the same again and again on one kept connection, the next time when an answer is
 * whole. It costs as little as it can, for it shares the machine with what is measured: an answer
 * that comes in one piece of the length of the one before is not looked at again, but for its status.
 */
class Asker {
  answers = 0;
  readonly #socket: Socket;
  readonly #request: Buffer;
  readonly #untilMs: number;
  readonly #resolve: (answers: number) => void;
  readonly #reject: (error: Error) => void;
  /** Bytes of one answer that came in one piece. */
  #wholeBytes = 0;
  /** Bytes of the present answer that are still to come; 0: it has not begun. */
  #missingBytes = 0;
  #head: Buffer = Buffer.alloc(0);

  constructor(
    url: URL,
    { path, untilMs }: { readonly path: string; readonly untilMs: number },
    settle: {
      readonly resolve: (answers: number) => void;
      readonly reject: (error: Error) => void;
    },
  ) {
    this.#request = Buffer.from(`GET ${path} HTTP/1.1\r\nHost: ${url.hostname}\r\n\r\n`);
    this.#untilMs = untilMs;
    this.#resolve = settle.resolve;
    this.#reject = settle.reject;
    this.#socket = connect(Number(url.port), url.hostname, () => this.#ask());
    this.#socket.setNoDelay(true);
    this.#socket.on("error", settle.reject);
    this.#socket.on("data", (chunk: Buffer) => this.#take(chunk));
  }

  #ask(): void {
    this.#socket.write(this.#request);
  }

  #take(chunk: Buffer): void {
    if (this.#missingBytes > 0) {
      this.#missingBytes -= chunk.length;
      if (this.#missingBytes === 0) this.#answered();
      return;
    }
    const isAsBefore = this.#head.length === 0 && chunk.length === this.#wholeBytes;
    if (isAsBefore && chunk.toString("latin1", 9, 12) === "200") this.#answered();
    else this.#begin(chunk);
  }

  #begin(chunk: Buffer): void {
    this.#head = this.#head.length === 0 ? chunk : Buffer.concat([this.#head, chunk]);
    const end = this.#head.indexOf(headEnd);
    if (end < 0) return;
    const text = this.#head.toString("latin1", 0, end);
    const bytes = end + headEnd.length + Number(/\r\ncontent-length: (\d+)/iu.exec(text)?.[1] ?? 0);
    this.#missingBytes = bytes - this.#head.length;
    if (!text.startsWith("HTTP/1.1 200 ")) {
      this.#reject(new Error(text));
      this.#socket.destroy();
      return;
    }
    if (this.#missingBytes === 0) this.#wholeBytes = chunk.length;
    this.#head = Buffer.alloc(0);
    if (this.#missingBytes === 0) this.#answered();
  }

  #answered(): void {
    this.answers += 1;
    if (performance.now() < this.#untilMs) {
      this.#ask();
      return;
    }
    this.#socket.destroy();
    this.#resolve(this.answers);
  }
}

/** Asks for `path` on one connection until a moment; resolves with the number of whole answers. */
export function askUntil(url: string, path: string, untilMs: number): Promise<number> {
  return new Promise((resolve, reject) => {
    // It lives as long as its socket.
    void new Asker(new URL(url), { path, untilMs }, { resolve, reject });
  });
}
