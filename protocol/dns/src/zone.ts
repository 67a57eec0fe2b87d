import { limits } from "./limits.ts";
import { rcodes, type Question, type ResourceRecord } from "./records.ts";

/** What a zone says about a question. */
export interface ZoneAnswer {
  /** `rcodes.noError`, `rcodes.nxDomain`, `rcodes.refused`, or `rcodes.servFail` from a zone that was told nothing yet. */
  readonly rcode: number;
  /** Any order is right for answers of one type: they are handed out in turns. */
  readonly answers: readonly ResourceRecord[];
  /** The zone's SOA when there is no answer. */
  readonly authorities: readonly ResourceRecord[];
  readonly additionals: readonly ResourceRecord[];
  /**
   * The counter of `stamps` that moves when this answer changes. Absent: the answer is not kept, because names
   * that do not exist are without number.
   */
  readonly stamp?: number;
}

/** What a zone says that was told nothing yet: not that there is no such name, which would be kept by who asked. */
export const nothingTold: ZoneAnswer = {
  rcode: rcodes.servFail,
  answers: [],
  authorities: [],
  additionals: [],
};

/** A part of the name space that is answered from memory, at once. */
export interface Zone {
  /** In lower case, without the last dot: `mesos`. */
  readonly origin: string;
  /** Which answers are still what they were. */
  readonly stamps: StampTable;
  /** Answers for a name at or below the origin. */
  answer(question: Question): ZoneAnswer;
  /** Every record, for listings; made one by one, and once for all tasks that have it by one name. */
  records(): Iterable<ResourceRecord>;
}

/**
 * Counters that tell whether a kept answer is still good, without a list of who keeps what: counter 0 stands for the
 * whole zone, each other one for the names that hash to it.
 */
export class StampTable {
  /** What another thread needs to see the same counters. */
  readonly memory: SharedArrayBuffer;
  readonly #counters: Int32Array;

  /** `memory`: that of a table of another thread, which moves the counters. */
  constructor(memory?: SharedArrayBuffer) {
    this.memory =
      memory ?? new SharedArrayBuffer(limits.stampsPerZone * Int32Array.BYTES_PER_ELEMENT);
    this.#counters = new Int32Array(this.memory);
  }

  /** The counter for everything that depends on `key`. */
  stampOf(key: string): number {
    let hash = 0x811c9dc5;
    for (let at = 0; at < key.length; at += 1) {
      hash = Math.imul(hash ^ key.charCodeAt(at), 0x01000193);
    }
    return ((hash >>> 0) % (limits.stampsPerZone - 1)) + 1;
  }

  /** The answers under this counter are no longer good. */
  touch(stamp: number): void {
    Atomics.add(this.#counters, stamp, 1);
  }

  /** No answer of the zone is good any longer. */
  touchAll(): void {
    Atomics.add(this.#counters, 0, 1);
  }

  /** What a keeper of an answer remembers. */
  at(stamp: number): number {
    return Atomics.load(this.#counters, stamp);
  }
}
