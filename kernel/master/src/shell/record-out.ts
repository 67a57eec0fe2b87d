import { encodeRecord } from "@tutti/http";
import type { HttpReply, StreamWriter } from "@tutti/http";

/**
 * One outgoing stream of records. It may be written to before its connection is ready: what was
 * written is kept in order until then.
 *
 * Invariant: `onGone` is called once, and only when the client ended it.
 */
export class RecordOut {
  #waiting: Uint8Array[] = [];
  #writer: StreamWriter | undefined;
  #isEnded = false;
  #isGone = false;
  readonly #onGone: () => void;

  constructor(onGone: () => void) {
    this.#onGone = onGone;
  }

  /** The answer that carries this stream. */
  reply(headers: Readonly<Record<string, string>>): HttpReply {
    return { status: 200, headers, stream: (writer) => this.#attach(writer) };
  }

  /** Sends one record as one chunk. */
  write(record: string | Uint8Array): void {
    if (this.#isEnded || this.#isGone) return;
    const chunk = encodeRecord(record);
    if (this.#writer === undefined) this.#waiting.push(chunk);
    else this.#writer.write(chunk);
  }

  /** Ends the stream after what was written. */
  end(): void {
    this.#isEnded = true;
    this.#writer?.end();
  }

  /** The client went away, before or after the stream began. */
  gone(): void {
    if (this.#isGone) return;
    this.#isGone = true;
    this.#waiting = [];
    if (!this.#isEnded) this.#onGone();
  }

  #attach(writer: StreamWriter): void {
    this.#writer = writer;
    writer.closed.addEventListener("abort", () => this.gone(), { once: true });
    for (const chunk of this.#waiting) writer.write(chunk);
    this.#waiting = [];
    if (this.#isEnded) writer.end();
    else if (writer.closed.aborted) this.gone();
  }
}
