import type { EncodedAnswer } from "./encoded-answer.ts";
import { limits } from "./limits.ts";
import type { QueryReader } from "./query-reader.ts";
import type { StampTable } from "./zone.ts";

/** An answer that is kept, and how it is known to be good. */
interface KeptAnswer<Owner> {
  readonly hash: number;
  readonly type: number;
  readonly class: number;
  readonly encoded: EncodedAnswer;
  /** Whoever's answer it is: what the caller counts by. */
  readonly owner: Owner;
  readonly stamps: StampTable;
  readonly stamp: number;
  readonly stampSeen: number;
  readonly zoneSeen: number;
}

/**
 * Answers on the wire, by question, in a fixed number of places with two to choose from. An answer whose stamps have
 * moved is not found.
 *
 * Invariant: at most `limits.keptAnswerPlaces` answers with `limits.keptAnswerBytesMax` bytes, whatever is asked.
 */
export class AnswerCache<Owner> {
  /** Made with the first answer: half a megabyte that a server without questions does not need. */
  #places: (KeptAnswer<Owner> | undefined)[] = [];
  #byteCount = 0;

  /** The answer to the query that `reader` has just read out of `bytes`. */
  find(bytes: Uint8Array, reader: QueryReader): KeptAnswer<Owner> | undefined {
    const place = reader.hash & (limits.keptAnswerPlaces - 1);
    const first = this.#places[place];
    if (first !== undefined && isFor(first, bytes, reader))
      return isGood(first) ? first : undefined;
    const second = this.#places[place ^ 1];
    if (second !== undefined && isFor(second, bytes, reader)) {
      return isGood(second) ? second : undefined;
    }
    return undefined;
  }

  /** Keeps the answer to the query that `reader` has just read. `seen` was read before the answer was made. */
  keep(
    reader: QueryReader,
    bytes: Uint8Array,
    answer: Pick<
      KeptAnswer<Owner>,
      "encoded" | "owner" | "stamps" | "stamp" | "stampSeen" | "zoneSeen"
    >,
  ): void {
    const kept = { hash: reader.hash, type: reader.type, class: reader.class, ...answer };
    if (this.#byteCount + kept.encoded.bytes.length > limits.keptAnswerBytesMax) this.clear();
    if (this.#places.length === 0) this.#places = emptyPlaces();
    const place = this.#placeFor(bytes, reader);
    this.#byteCount += kept.encoded.bytes.length - (this.#places[place]?.encoded.bytes.length ?? 0);
    this.#places[place] = kept;
  }

  clear(): void {
    this.#places = [];
    this.#byteCount = 0;
  }

  /** Its own old place, an empty one, one with a stale answer, or that of the answer that came last. */
  #placeFor(bytes: Uint8Array, reader: QueryReader): number {
    const place = reader.hash & (limits.keptAnswerPlaces - 1);
    const first = this.#places[place];
    if (first === undefined || isFor(first, bytes, reader)) return place;
    const second = this.#places[place ^ 1];
    if (second === undefined || isFor(second, bytes, reader)) return place ^ 1;
    return isGood(first) ? place ^ 1 : place;
  }
}

function emptyPlaces<Owner>(): (KeptAnswer<Owner> | undefined)[] {
  return Array.from({ length: limits.keptAnswerPlaces }, () => undefined);
}

function isGood<Owner>(kept: KeptAnswer<Owner>): boolean {
  return kept.stamps.at(kept.stamp) === kept.stampSeen && kept.stamps.at(0) === kept.zoneSeen;
}

/** Whether `kept` answers this very question, case aside. */
function isFor<Owner>(kept: KeptAnswer<Owner>, query: Uint8Array, reader: QueryReader): boolean {
  if (kept.hash !== reader.hash || kept.type !== reader.type || kept.class !== reader.class)
    return false;
  const own = kept.encoded.bytes;
  if (kept.encoded.questionEnd !== reader.questionEnd) return false;
  for (let at = limits.headerBytes; at < reader.nameEnd; at += 1) {
    const code = query[at] ?? 0;
    if ((code >= 0x41 && code <= 0x5a ? code + 0x20 : code) !== own[at]) return false;
  }
  return true;
}
