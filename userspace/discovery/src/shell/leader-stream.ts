import { createCancellation, Fault } from "@tutti/base";
import type { Cancellation, CancellationSource } from "@tutti/base";
import type { RecordStream } from "@tutti/http";
import type { Clock, Random } from "@tutti/ports";
import { Backoff } from "./backoff.ts";
import { limits } from "./limits.ts";
import { originOf } from "./redirect.ts";

/** What a record comes to. */
export type RecordTaken =
  /** The server is the leader and speaks: the stream is a good one. */
  | { readonly type: "taken" }
  /** It says nothing of that. */
  | { readonly type: "ignored" }
  /** The stream cannot go on. */
  | { readonly type: "broken"; readonly reason: string };

interface LeaderStreamOptions {
  /** Origins of all who may lead; the others redirect. */
  readonly urls: readonly string[];
  readonly clock: Clock;
  readonly random: Random;
  readonly open: (url: string, signal: Cancellation) => Promise<RecordStream>;
  /** The server at `url` answers with a stream. */
  readonly onOpen: (url: string, stream: RecordStream) => void;
  readonly take: (record: Uint8Array, url: string) => RecordTaken;
  /** A good stream is over, and none that was asked for has taken its place. */
  readonly onLost: () => void;
  /** Whether a refusal with this status is to be answered at once by asking in another way. */
  readonly asksOtherwise: (url: string, status: number) => boolean;
  /** For the log: what is looked for (`no master: …`), and what is done with it (`listens to …`). */
  readonly words: { readonly none: string; readonly found: string };
  readonly report: (line: string) => void;
}

/** How an attempt ended. */
interface End {
  readonly reason: string;
  readonly isGood: boolean;
  /** Who leads, where the server said so. */
  readonly leader?: string;
  /** The same server is to be asked in another way. */
  readonly isAskedOtherwise?: boolean;
}

/** One stream from the leader of several servers: finds it by redirect, and begins again whenever it ends. */
export class LeaderStream {
  readonly #options: LeaderStreamOptions;
  readonly #stop = createCancellation();
  readonly #backoff: Backoff;
  #attempt: CancellationSource | undefined;
  #lastReason = "";
  #isAsked = false;

  constructor(options: LeaderStreamOptions) {
    this.#options = options;
    this.#backoff = new Backoff(options.clock, options.random);
    void this.#run();
  }

  /** Ends the stream and begins it anew at once, at the same server. */
  renew(): void {
    this.#isAsked = true;
    this.#attempt?.cancel();
  }

  stop(): void {
    this.#stop.cancel();
    this.#attempt?.cancel();
    this.#backoff.stop();
  }

  async #run(): Promise<void> {
    const { urls, onLost } = this.#options;
    let index = 0;
    let next: string | undefined;
    let hops = 0;
    // A stream that we ended ourselves is not lost, unless no other comes in its place.
    let isReplaced = false;
    while (!this.#stop.cancellation.aborted) {
      const url = next ?? urls[index % urls.length] ?? "";
      const end = await this.#once(url);
      if (this.#isAsked) {
        this.#isAsked = false;
        isReplaced ||= end.isGood;
        next = url;
        continue;
      }
      const isRepeated = end.isAskedOtherwise === true;
      if (!isRepeated && (end.isGood || isReplaced)) onLost();
      isReplaced &&= isRepeated;
      next = isRepeated ? url : end.leader;
      if (next !== undefined && hops < limits.redirectsMax) {
        hops += 1;
        continue;
      }
      next = undefined;
      hops = 0;
      if (end.isGood) this.#backoff.reset();
      else index += 1;
      this.#tell(end.reason);
      await this.#backoff.pause();
    }
  }

  #tell(reason: string): void {
    if (this.#stop.cancellation.aborted || reason === this.#lastReason) return;
    this.#lastReason = reason;
    this.#options.report(`${this.#options.words.none}: ${reason}`);
  }

  async #once(url: string): Promise<End> {
    let isGood = false;
    const attempt = createCancellation();
    this.#attempt = attempt;
    try {
      const stream = await this.#options.open(url, attempt.cancellation);
      if (stream.status !== 200) return await this.#refused(url, stream);
      this.#options.onOpen(url, stream);
      for await (const record of stream.records()) {
        if (attempt.cancellation.aborted) break;
        const taken = this.#options.take(record, url);
        if (taken.type === "broken") return { reason: taken.reason, isGood };
        if (taken.type === "ignored" || isGood) continue;
        isGood = true;
        if (this.#lastReason !== "") this.#options.report(`${this.#options.words.found} ${url}`);
        this.#lastReason = "";
      }
      return { reason: `${url} ended the stream`, isGood };
    } catch (error) {
      if (!(error instanceof Fault) && !(error instanceof SyntaxError)) throw error;
      return { reason: error.message, isGood };
    }
  }

  async #refused(url: string, stream: RecordStream): Promise<End> {
    const text = (await stream.text()).slice(0, limits.refusalUnitsMax).trim();
    const reason = `${url} answered ${stream.status}: ${text}`;
    if (this.#options.asksOtherwise(url, stream.status))
      return { reason, isGood: false, isAskedOtherwise: true };
    const leader = stream.status === 307 ? originOf(stream.headers["location"], url) : undefined;
    return leader === undefined ? { reason, isGood: false } : { reason, isGood: false, leader };
  }
}
