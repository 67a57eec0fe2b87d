import { AnswerCache } from "./answer-cache.ts";
import {
  bareReply,
  encodeAnswer,
  fillAnswer,
  type EncodedAnswer,
  type Recipient,
} from "./encoded-answer.ts";
import { limits } from "./limits.ts";
import { isAtOrBelow, readName } from "./names.ts";
import { QueryReader } from "./query-reader.ts";
import { classes, rcodes, recordTypes, type Question } from "./records.ts";
import type { StampTable, Zone } from "./zone.ts";

/** How a message came, which bounds what may go back. */
export type Transport = "udp" | "tcp";

/** What was asked of a zone, and how it ended. */
export interface ZoneTally {
  readonly origin: string;
  queryCount: number;
  /** Of these: no such name. */
  nxDomainCount: number;
  /** Of these: the name is there, not with this type. */
  noDataCount: number;
  /** Of these: the zone was told nothing yet. */
  failureCount: number;
}

/** An answer for another thread, which keeps it as long as the stamps of the zone are what they were. */
export interface FreshAnswer {
  readonly encoded: EncodedAnswer;
  /** The position of its zone in `Responder.tallies`. */
  readonly zone: number;
  /** Absent: it is not to be kept. */
  readonly kept?: { readonly stamp: number; readonly stampSeen: number; readonly zoneSeen: number };
}

/** Messages that no zone was asked about. */
export interface RefusalTally {
  droppedCount: number;
  malformedCount: number;
  notImplementedCount: number;
  refusedCount: number;
}

export interface ResponderOptions {
  readonly zones: readonly Zone[];
  /** What is said of recursion: whether names outside the zones are looked up. */
  readonly recursionAvailable: boolean;
  /** Names in no zone: REFUSED, or handed back to the caller. */
  readonly otherNames: "refuse" | "hand back";
  /** New bytes, not necessarily zeros. */
  readonly allocate: (byteCount: number) => Uint8Array;
}

/** A zone and what was asked of it. */
interface Held {
  readonly zone: Zone;
  readonly number: number;
  readonly tally: ZoneTally;
}

/**
 * Answers queries out of zones held in memory: bytes in, bytes out. Answers are kept on the wire until their zone
 * says they changed.
 */
export class Responder {
  /** The query that was read last; what a caller needs to go on with one handed back. */
  readonly reader = new QueryReader();
  readonly refusals: RefusalTally = {
    droppedCount: 0,
    malformedCount: 0,
    notImplementedCount: 0,
    refusedCount: 0,
  };
  readonly #options: ResponderOptions;
  readonly #zones: readonly Held[];
  readonly #cache = new AnswerCache<Held>();
  #turn = 0;

  constructor(options: ResponderOptions) {
    this.#options = options;
    this.#zones = options.zones
      .toSorted((a, b) => b.origin.length - a.origin.length)
      .map((zone, number) => ({
        zone,
        number,
        tally: {
          origin: zone.origin,
          queryCount: 0,
          nxDomainCount: 0,
          noDataCount: 0,
          failureCount: 0,
        },
      }));
  }

  /** The stamps of each zone, in the order of `tallies`. */
  get stampTables(): readonly StampTable[] {
    return this.#zones.map((held) => held.zone.stamps);
  }

  get tallies(): readonly ZoneTally[] {
    return this.#zones.map((held) => held.tally);
  }

  /** The reply; undefined: none at all; "hand back": the name is in no zone. Never throws. */
  respond(query: Uint8Array, transport: Transport): Uint8Array | "hand back" | undefined {
    const { reader } = this;
    const verdict = reader.read(query);
    if (verdict === "drop") {
      this.refusals.droppedCount += 1;
      return undefined;
    }
    if (verdict === "refuse") return this.#refuse(query, reader.rcode);
    const kept = this.#cache.find(query, reader);
    if (kept !== undefined) {
      kept.owner.tally.queryCount += 1;
      return fillAnswer(kept.encoded, this.#recipient(query, transport), this.#options.allocate);
    }
    const fresh = this.#answer(query);
    if (fresh instanceof Uint8Array || fresh === "hand back") return fresh;
    return fillAnswer(fresh.encoded, this.#recipient(query, transport), this.#options.allocate);
  }

  /** As `respond`, for a thread that fills in and keeps answers itself. */
  respondToThread(query: Uint8Array): FreshAnswer | Uint8Array | "hand back" | undefined {
    const verdict = this.reader.read(query);
    if (verdict === "query") return this.#answer(query);
    return this.respond(query, "udp");
  }

  /** A reply to the query that was read last, with nothing but a code. */
  bare(query: Uint8Array, rcode: number): Uint8Array {
    const { questionEnd, hasEdns } = this.reader;
    const { recursionAvailable } = this.#options;
    return bareReply({ query, questionEnd, hasEdns, rcode, recursionAvailable });
  }

  #refuse(query: Uint8Array, rcode: number): Uint8Array {
    if (rcode === rcodes.formErr) this.refusals.malformedCount += 1;
    else if (rcode === rcodes.refused) this.refusals.refusedCount += 1;
    else this.refusals.notImplementedCount += 1;
    return this.bare(query, rcode);
  }

  #answer(query: Uint8Array): FreshAnswer | Uint8Array | "hand back" {
    const { reader } = this;
    if (reader.class !== classes.internet) return this.#refuse(query, rcodes.refused);
    if (reader.type === recordTypes.axfr || reader.type === recordTypes.ixfr) {
      return this.#refuse(query, rcodes.refused);
    }
    const read = readName(query, limits.headerBytes);
    if (read === undefined) return this.#refuse(query, rcodes.formErr);
    const held = this.#zones.find((one) => isAtOrBelow(read.name, one.zone.origin));
    if (held === undefined) {
      if (this.#options.otherNames === "hand back") return "hand back";
      return this.#refuse(query, rcodes.refused);
    }
    const question = { name: read.name, type: reader.type, class: reader.class };
    return this.#answerFromZone(query, question, held) ?? this.#refuse(query, rcodes.formErr);
  }

  #answerFromZone(query: Uint8Array, question: Question, held: Held): FreshAnswer | undefined {
    const { zone, tally, number } = held;
    tally.queryCount += 1;
    const answer = zone.answer(question);
    if (answer.rcode === rcodes.nxDomain) tally.nxDomainCount += 1;
    else if (answer.rcode === rcodes.servFail) tally.failureCount += 1;
    else if (answer.answers.length === 0) tally.noDataCount += 1;
    const encoded = encodeAnswer(question, answer);
    if (encoded === undefined) return undefined;
    const { stamp } = answer;
    if (stamp === undefined || answer.answers.length === 0) return { encoded, zone: number };
    const { stamps } = zone;
    const kept = { stamp, stampSeen: stamps.at(stamp), zoneSeen: stamps.at(0) };
    this.#cache.keep(this.reader, query, { encoded, owner: held, stamps, ...kept });
    return { encoded, zone: number, kept };
  }

  #recipient(query: Uint8Array, transport: Transport): Recipient {
    this.#turn = (this.#turn + 1) & 0xffff;
    return {
      query,
      hasEdns: this.reader.hasEdns,
      bytesMax: transport === "tcp" ? limits.messageBytesMax : this.reader.datagramBytesMax,
      recursionAvailable: this.#options.recursionAvailable,
      turn: this.#turn,
    };
  }
}
