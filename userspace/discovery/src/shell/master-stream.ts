import { createCancellation, Fault } from "@tutti/base";
import type { CancellationSource } from "@tutti/base";
import { openRecordStream } from "@tutti/http";
import type { RecordStream } from "@tutti/http";
import type { Clock, Random } from "@tutti/ports";
import { eventFromWire, SharedTexts } from "../core/index.ts";
import type { ClusterEvent } from "../core/index.ts";
import { Backoff } from "./backoff.ts";
import { limits } from "./limits.ts";
import { originOf } from "./redirect.ts";

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

/** The one subscription to the leading master: finds it by redirect, and begins again whenever it ends. */
export class MasterStream {
  readonly #options: MasterStreamOptions;
  readonly #stop = createCancellation();
  readonly #backoff: Backoff;
  #attempt: CancellationSource | undefined;
  #heardAtMonoMs: number;
  #lastReason = "";
  #isAsked = false;

  constructor(options: MasterStreamOptions) {
    this.#options = options;
    this.#heardAtMonoMs = options.clock.monoMs();
    this.#backoff = new Backoff(options.clock, options.random);
    void this.#run();
  }

  /** How long ago the master was heard. */
  get silentMs(): number {
    return this.#options.clock.monoMs() - this.#heardAtMonoMs;
  }

  /** Ends the stream and begins it anew at once, for a snapshot. */
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
    const { masters } = this.#options;
    let index = 0;
    let redirected: string | undefined;
    let redirects = 0;
    // A stream that we ended ourselves is not lost, unless no other comes in its place.
    let isReplaced = false;
    while (!this.#stop.cancellation.aborted) {
      const url = redirected ?? masters[index % masters.length] ?? "";
      const end = await this.#once(url);
      if (this.#isAsked) {
        this.#isAsked = false;
        isReplaced ||= end.wasSubscribed;
        redirected = url;
        continue;
      }
      if (end.wasSubscribed || isReplaced) this.#options.onLost();
      isReplaced = false;
      redirected = undefined;
      if (end.leader !== undefined && redirects < limits.redirectsMax) {
        redirects += 1;
        redirected = end.leader;
        continue;
      }
      redirects = 0;
      if (end.wasSubscribed) this.#backoff.reset();
      else index += 1;
      this.#tell(end.reason);
      await this.#backoff.pause();
    }
  }

  #tell(reason: string): void {
    if (this.#stop.cancellation.aborted || reason === this.#lastReason) return;
    this.#lastReason = reason;
    this.#options.report(`no master: ${reason}`);
  }

  async #once(url: string): Promise<{ reason: string; leader?: string; wasSubscribed: boolean }> {
    let wasSubscribed = false;
    this.#attempt = createCancellation();
    const texts = new SharedTexts();
    try {
      const stream = await this.#open(url);
      if (stream.status !== 200) {
        const text = (await stream.text()).slice(0, 200);
        const location = stream.headers["location"];
        const leader = stream.status === 307 ? originOf(location, url) : undefined;
        const reason = `${url} answered ${stream.status}: ${text}`;
        return leader === undefined ? { reason, wasSubscribed } : { reason, leader, wasSubscribed };
      }
      for await (const record of stream.records()) {
        if (this.#attempt.cancellation.aborted) break;
        this.#heardAtMonoMs = this.#options.clock.monoMs();
        const event = eventFromWire(JSON.parse(decoder.decode(record)), texts);
        if (event === undefined) continue;
        if (event.type === "snapshot") {
          wasSubscribed = true;
          if (this.#lastReason !== "") this.#options.report(`listens to ${url}`);
          this.#lastReason = "";
        }
        this.#options.onEvent(event, url);
      }
      return { reason: `${url} ended the stream`, wasSubscribed };
    } catch (error) {
      if (!(error instanceof Fault) && !(error instanceof SyntaxError)) throw error;
      return { reason: error.message, wasSubscribed };
    }
  }

  #open(url: string): Promise<RecordStream> {
    const { secret } = this.#options;
    const signal = this.#attempt?.cancellation;
    return openRecordStream({
      method: "POST",
      url: `${url}/api/v1`,
      headers: {
        "Content-Type": "application/json",
        Accept: "application/json",
        ...(secret === undefined ? {} : { Authorization: `Bearer ${secret}` }),
      },
      body: JSON.stringify({ type: "SUBSCRIBE" }),
      ...(signal === undefined ? {} : { signal }),
      timeoutMs: limits.subscribeTimeoutMs,
      idleTimeoutMs: limits.masterIdleMs,
      recordBytesMax: limits.recordBytesMax,
    });
  }
}

const decoder = new TextDecoder();
