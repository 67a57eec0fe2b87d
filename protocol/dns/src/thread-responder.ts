import { AnswerCache } from "./answer-cache.ts";
import { fillAnswer } from "./encoded-answer.ts";
import { limits } from "./limits.ts";
import { QueryReader } from "./query-reader.ts";
import type { FreshAnswer, Transport } from "./responder.ts";
import type { StampTable } from "./zone.ts";

export interface ThreadResponderOptions {
  /** The stamps of each zone, as the thread that holds the zones has them. */
  readonly stampTables: readonly StampTable[];
  readonly recursionAvailable: boolean;
  /** Counts answers by zone, where the other thread can read them. */
  readonly counts: Float64Array;
  readonly allocate: (byteCount: number) => Uint8Array;
}

/**
 * Answers queries in a thread without zones: out of answers that it was given and keeps as long as they are good. What it
 * does not have is asked of the thread with the zones.
 */
export class ThreadResponder {
  readonly #options: ThreadResponderOptions;
  readonly #reader = new QueryReader();
  readonly #cache = new AnswerCache<number>();
  #turn = 0;

  constructor(options: ThreadResponderOptions) {
    this.#options = options;
  }

  /** The reply; "ask": the other thread must; undefined: none at all. Never throws. */
  respond(query: Uint8Array, transport: Transport): Uint8Array | "ask" | undefined {
    const verdict = this.#reader.read(query);
    if (verdict === "drop") return undefined;
    const kept = verdict === "query" ? this.#cache.find(query, this.#reader) : undefined;
    if (kept === undefined) return "ask";
    this.#options.counts[kept.owner] = (this.#options.counts[kept.owner] ?? 0) + 1;
    return this.#fill(query, transport, kept.encoded);
  }

  /** The reply to `query`, whose answer the other thread made; keeps it for the next. */
  take(query: Uint8Array, transport: Transport, fresh: FreshAnswer): Uint8Array {
    this.#reader.read(query);
    const stamps = this.#options.stampTables[fresh.zone];
    if (fresh.kept !== undefined && stamps !== undefined) {
      const { encoded, zone, kept } = fresh;
      this.#cache.keep(this.#reader, query, { encoded, owner: zone, stamps, ...kept });
    }
    return this.#fill(query, transport, fresh.encoded);
  }

  #fill(query: Uint8Array, transport: Transport, encoded: FreshAnswer["encoded"]): Uint8Array {
    this.#turn = (this.#turn + 1) & 0xffff;
    const to = {
      query,
      hasEdns: this.#reader.hasEdns,
      bytesMax: transport === "tcp" ? limits.messageBytesMax : this.#reader.datagramBytesMax,
      recursionAvailable: this.#options.recursionAvailable,
      turn: this.#turn,
    };
    return fillAnswer(encoded, to, this.#options.allocate);
  }
}
