import { rcodes, type ScannedAnswer } from "@tutti/dns";
import { limits } from "./limits.ts";

/** An answer of an upstream that is kept. */
export interface StoredAnswer {
  /** Header, question and records, without OPT. */
  readonly bytes: Uint8Array;
  readonly scanned: ScannedAnswer;
  readonly storedMonoMs: number;
  readonly goodUntilMonoMs: number;
}

/**
 * Answers of others, kept as long as they say: positive ones by their least time to live, "no" by the SOA (RFC 2308),
 * failures for a second. The one that was not used for longest goes first.
 *
 * Invariant: at most `limits.keptAnswersMax` answers with `limits.keptBytesMax` bytes.
 */
export class AnswerStore {
  readonly #answers = new Map<string, StoredAnswer>();
  #byteCount = 0;

  get size(): number {
    return this.#answers.size;
  }

  find(key: string, monoMs: number): StoredAnswer | undefined {
    const stored = this.#answers.get(key);
    if (stored === undefined) return undefined;
    this.#delete(key);
    if (stored.goodUntilMonoMs <= monoMs) return undefined;
    this.#set(key, stored);
    return stored;
  }

  /** Takes the answer as something to pass on; keeps it if its times to live allow. */
  store(key: string, bytes: Uint8Array, scanned: ScannedAnswer, monoMs: number): StoredAnswer {
    const stored = {
      bytes: new Uint8Array(bytes.subarray(0, scanned.end)),
      scanned,
      storedMonoMs: monoMs,
      goodUntilMonoMs: monoMs + keepSeconds(scanned) * 1000,
    };
    if (stored.goodUntilMonoMs > monoMs && stored.bytes.length <= limits.keptBytesMax) {
      this.#delete(key);
      this.#set(key, stored);
      this.#shrink();
    }
    return stored;
  }

  clear(): void {
    this.#answers.clear();
    this.#byteCount = 0;
  }

  #set(key: string, stored: StoredAnswer): void {
    this.#answers.set(key, stored);
    this.#byteCount += stored.bytes.length;
  }

  #delete(key: string): void {
    const stored = this.#answers.get(key);
    if (stored === undefined) return;
    this.#answers.delete(key);
    this.#byteCount -= stored.bytes.length;
  }

  #shrink(): void {
    for (const oldest of this.#answers.keys()) {
      if (this.#answers.size <= limits.keptAnswersMax && this.#byteCount <= limits.keptBytesMax) {
        return;
      }
      this.#delete(oldest);
    }
  }
}

/** How long an answer may be kept. Cut ones are not: the rest of them is missing. */
function keepSeconds(scanned: ScannedAnswer): number {
  if (scanned.truncated) return 0;
  if (scanned.rcode !== rcodes.noError && scanned.rcode !== rcodes.nxDomain) {
    return limits.keptFailureSeconds;
  }
  if (scanned.rcode === rcodes.noError && scanned.ttlSecondsMin !== undefined) {
    return Math.min(scanned.ttlSecondsMin, limits.keptSecondsMax);
  }
  return Math.min(scanned.negativeTtlSeconds ?? 0, limits.keptNegativeSecondsMax);
}
