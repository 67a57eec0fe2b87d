import type { Question, ResourceRecord } from "./records.ts";

/**
 * A counter that stands for a part of a zone's data. Whoever keeps an answer keeps the number it saw;
 * the answer is good as long as the number is the same.
 */
export interface Stamp {
  version: number;
}

/** What a zone says about a question. */
export interface ZoneAnswer {
  /** `rcodes.noError` or `rcodes.nxDomain`. */
  readonly rcode: number;
  /** Any order of those of the question's type is right: they are handed out in turns. */
  readonly answers: readonly ResourceRecord[];
  /** The zone's SOA when there is no answer. */
  readonly authorities: readonly ResourceRecord[];
  readonly additionals: readonly ResourceRecord[];
  /** All that the answer rests on; absent: it is not kept (names that do not exist are without number). */
  readonly stamps?: readonly Stamp[];
}

/** A part of the name space that is answered from memory, at once. */
export interface Zone {
  /** In lower case, without the last dot: `mesos`. */
  readonly origin: string;
  /** Answers for a name at or below the origin. */
  answer(question: Question): ZoneAnswer;
  /** Every record, for listings; made one by one. */
  records(): Iterable<ResourceRecord>;
}
