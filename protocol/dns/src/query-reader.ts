import { limits } from "./limits.ts";
import { rcodes, recordTypes } from "./records.ts";
import { skipName } from "./names.ts";

/** What became of a datagram that was read as a query. */
export type QueryVerdict = "query" | "drop" | "refuse";

const OPT_FIXED_BYTES = 10;

/**
 * Reads queries, one after another, into its own fields: the hot path makes no object for each. A message
 * with fewer bytes than a header, or that is itself an answer, is dropped: answering those feeds loops.
 *
 * Invariant: after "query" all fields are of this message; after "refuse" `id`, `flags`, `rcode` and, when it could be
 * read (`questionEnd` > 0), the question are.
 */
export class QueryReader {
  id = 0;
  flags = 0;
  /** Where the question's type begins; the name ends one byte before. */
  nameEnd = 0;
  /** 0: there is no question that could be repeated. */
  questionEnd = 0;
  type = 0;
  class = 0;
  /** Of the question, case aside. */
  hash = 0;
  hasEdns = false;
  /** The DO bit (RFC 3225). */
  dnssecOk = false;
  /** What a datagram to this client may hold. */
  datagramBytesMax: number = limits.plainDatagramBytesMax;
  /** Why it is refused. */
  rcode: number = rcodes.noError;

  read(bytes: Uint8Array): QueryVerdict {
    if (bytes.length < limits.headerBytes || bytes.length > limits.messageBytesMax) return "drop";
    const flagsHigh = bytes[2] ?? 0;
    if ((flagsHigh & 0x80) !== 0) return "drop";
    this.id = uint16(bytes, 0);
    this.flags = uint16(bytes, 2);
    this.questionEnd = 0;
    this.hasEdns = false;
    this.dnssecOk = false;
    this.datagramBytesMax = limits.plainDatagramBytesMax;
    if ((flagsHigh & 0x78) !== 0) return this.#refuse(rcodes.notImp);
    if (uint16(bytes, 4) !== 1) return this.#refuse(rcodes.formErr);
    if (!this.#readQuestion(bytes)) return this.#refuse(rcodes.formErr);
    const others = uint16(bytes, 6) + uint16(bytes, 8);
    const additionals = uint16(bytes, 10);
    if (others + additionals === 0) return "query";
    if (others > 0 || additionals > limits.queryRecordsMax) return this.#refuse(rcodes.formErr);
    return this.#readAdditionals(bytes, additionals);
  }

  #refuse(rcode: number): QueryVerdict {
    this.rcode = rcode;
    return "refuse";
  }

  /** The name of a question has no pointers: there is nothing before it to point to. */
  #readQuestion(bytes: Uint8Array): boolean {
    let at: number = limits.headerBytes;
    let hash = 0x811c9dc5;
    let length = bytes[at] ?? 0xff;
    while (length !== 0) {
      const end = at + length;
      if (length > limits.labelBytesMax || end + 1 >= bytes.length) return false;
      hash = Math.imul(hash ^ length, 0x01000193);
      for (at += 1; at <= end; at += 1) {
        const code = bytes[at] ?? 0;
        hash = Math.imul(hash ^ (code >= 0x41 && code <= 0x5a ? code + 0x20 : code), 0x01000193);
      }
      if (at - limits.headerBytes >= limits.nameBytesMax) return false;
      length = bytes[at] ?? 0xff;
    }
    at += 1;
    if (at + 4 > bytes.length) return false;
    this.nameEnd = at;
    this.type = uint16(bytes, at);
    this.class = uint16(bytes, at + 2);
    this.questionEnd = at + 4;
    this.hash = Math.imul(hash ^ this.type, 0x01000193) >>> 0;
    return true;
  }

  /** Looks for the one OPT record of RFC 6891. */
  #readAdditionals(bytes: Uint8Array, count: number): QueryVerdict {
    let at = this.questionEnd;
    for (let index = 0; index < count; index += 1) {
      const fixed = skipName(bytes, at);
      if (fixed === undefined || fixed + OPT_FIXED_BYTES > bytes.length)
        return this.#refuse(rcodes.formErr);
      const end = fixed + OPT_FIXED_BYTES + uint16(bytes, fixed + 8);
      if (end > bytes.length) return this.#refuse(rcodes.formErr);
      if (uint16(bytes, fixed) === recordTypes.opt) {
        if (this.hasEdns || bytes[at] !== 0) return this.#refuse(rcodes.formErr);
        this.hasEdns = true;
        this.dnssecOk = ((bytes[fixed + 6] ?? 0) & 0x80) !== 0;
        const wanted = uint16(bytes, fixed + 2);
        this.datagramBytesMax = Math.max(
          limits.plainDatagramBytesMax,
          Math.min(wanted, limits.datagramBytesMax),
        );
        if (bytes[fixed + 5] !== 0) return this.#refuse(rcodes.badVers);
      }
      at = end;
    }
    return "query";
  }
}

/** Two bytes as a number, the higher first; bytes that are not there count as 0. */
export function uint16(bytes: Uint8Array, at: number): number {
  return (bytes[at] ?? 0) * 256 + (bytes[at + 1] ?? 0);
}

/** Four bytes as a number, the highest first. */
export function uint32(bytes: Uint8Array, at: number): number {
  return uint16(bytes, at) * 65_536 + uint16(bytes, at + 2);
}
