import { openRecordStream } from "@tutti/http";
import type { RecordStream } from "@tutti/http";
import type { Cancellation } from "@tutti/base";
import type { Clock, Random } from "@tutti/ports";
import { eventFromProtobuf, eventFromWire, SharedTexts } from "../core/index.ts";
import type { ClusterEvent } from "../core/index.ts";
import { LeaderStream } from "./leader-stream.ts";
import type { RecordTaken } from "./leader-stream.ts";
import { limits } from "./limits.ts";

interface MasterStreamOptions {
  /** URLs of all masters. */
  readonly masters: readonly string[];
  readonly secret: string | undefined;
  readonly clock: Clock;
  readonly random: Random;
  /** What the leading master at `url` says. */
  readonly onEvent: (event: ClusterEvent, url: string) => void;
  readonly onLost: () => void;
  readonly report: (line: string) => void;
}

const protobuf = "application/x-protobuf";
const json = "application/json";

/**
 * The one subscription to the leading master. Events are asked for in Protocol Buffers, which are read in a fraction
 * of the time; a master that does not speak them is asked for JSON.
 */
export class MasterStream {
  readonly #options: MasterStreamOptions;
  readonly #stream: LeaderStream;
  #heardAtMonoMs: number;
  /** The last master that refused Protocol Buffers. */
  #jsonUrl: string | undefined;
  #isJson = false;
  #texts = new SharedTexts();

  constructor(options: MasterStreamOptions) {
    this.#options = options;
    this.#heardAtMonoMs = options.clock.monoMs();
    const { masters: urls, clock, random, onLost, report } = options;
    this.#stream = new LeaderStream({
      urls,
      clock,
      random,
      onLost,
      report,
      open: (url, signal) => this.#open(url, signal),
      onOpen: (_url, { headers }) => {
        this.#isJson = !(headers["content-type"] ?? json).startsWith(protobuf);
        this.#texts = new SharedTexts(decodePart);
      },
      take: (record, url) => this.#take(record, url),
      asksOtherwise: (url, status) => this.#asksOtherwise(url, status),
      words: { none: "no master", found: "listens to" },
    });
  }

  /** How long ago the master was heard. */
  get silentMs(): number {
    return this.#options.clock.monoMs() - this.#heardAtMonoMs;
  }

  /** Ends the stream and begins it anew at once, for a snapshot. */
  renew(): void {
    this.#stream.renew();
  }

  stop(): void {
    this.#stream.stop();
  }

  #take(record: Uint8Array, url: string): RecordTaken {
    this.#heardAtMonoMs = this.#options.clock.monoMs();
    const bytes = Buffer.from(record.buffer, record.byteOffset, record.byteLength);
    const event = this.#isJson
      ? eventFromWire(JSON.parse(bytes.toString("utf8")), this.#texts)
      : eventFromProtobuf(bytes, this.#texts);
    if (event === undefined) return { type: "ignored" };
    this.#options.onEvent(event, url);
    return { type: event.type === "snapshot" ? "taken" : "ignored" };
  }

  /** A master without Protocol Buffers says so by 406 or 415. */
  #asksOtherwise(url: string, status: number): boolean {
    if ((status !== 406 && status !== 415) || url === this.#jsonUrl) return false;
    this.#jsonUrl = url;
    return true;
  }

  #open(url: string, signal: Cancellation): Promise<RecordStream> {
    const { secret } = this.#options;
    return openRecordStream({
      method: "POST",
      url: `${url}/api/v1`,
      headers: {
        "Content-Type": json,
        // One alone: Mesos takes JSON wherever it is allowed.
        Accept: url === this.#jsonUrl ? json : protobuf,
        ...(secret === undefined ? {} : { Authorization: `Bearer ${secret}` }),
      },
      body: JSON.stringify({ type: "SUBSCRIBE" }),
      signal,
      timeoutMs: limits.subscribeTimeoutMs,
      idleTimeoutMs: limits.masterIdleMs,
      recordBytesMax: limits.recordBytesMax,
    });
  }
}

function decodePart(bytes: Uint8Array, start: number, end: number): string {
  const buffer = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes);
  return buffer.toString("utf8", start, end);
}
