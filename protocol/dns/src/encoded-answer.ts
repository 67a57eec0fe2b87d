import { ByteWriter } from "./byte-writer.ts";
import { limits } from "./limits.ts";
import { rcodes, recordTypes, type Question, type ResourceRecord } from "./records.ts";
import { uint16 } from "./query-reader.ts";
import { writeRecord } from "./write-record.ts";
import type { ZoneAnswer } from "./zone.ts";

/** Bits of the second two bytes of a header. */
export const flagBits = {
  response: 0x8000,
  authoritative: 0x0400,
  truncated: 0x0200,
  recursionDesired: 0x0100,
  recursionAvailable: 0x0080,
  checkingDisabled: 0x0010,
} as const;

/** An answer on the wire, as often as somebody asks: only id, flags, spelling and order differ. */
export interface EncodedAnswer {
  /** The whole message without OPT, with id 0. */
  readonly bytes: Uint8Array;
  readonly questionEnd: number;
  /** Where each record begins, and at last where they end. */
  readonly offsets: Uint16Array;
  readonly answerCount: number;
  readonly authorityCount: number;
  /** Whether the answers may be handed out in turns. */
  readonly turns: boolean;
}

const writer = new ByteWriter(limits.messageBytesMax);

/**
 * Writes what a zone says about a question. Records that cannot be written are left out. Undefined when the
 * question has no name that can be written.
 */
export function encodeAnswer(question: Question, answer: ZoneAnswer): EncodedAnswer | undefined {
  writer.start();
  writer.uint16(0);
  const authority = answer.rcode === rcodes.servFail ? 0 : flagBits.authoritative;
  writer.uint16(flagBits.response | authority | (answer.rcode & 0x0f));
  for (let count = 0; count < 4; count += 1) writer.uint16(0);
  if (!writer.questionName(question.name)) return undefined;
  writer.uint16(question.type);
  writer.uint16(question.class);
  const questionEnd = writer.length;
  const offsets: number[] = [];
  const answerCount = writeSection(answer.answers, offsets);
  const authorityCount = writeSection(answer.authorities, offsets);
  const additionalCount = writeSection(answer.additionals, offsets);
  offsets.push(writer.length);
  writer.patchUint16(4, 1);
  writer.patchUint16(6, answerCount);
  writer.patchUint16(8, authorityCount);
  writer.patchUint16(10, additionalCount);
  const [first] = answer.answers;
  return {
    bytes: writer.take(),
    questionEnd,
    offsets: Uint16Array.from(offsets),
    answerCount,
    authorityCount,
    turns: answerCount > 1 && answer.answers.every((record) => record.type === first?.type),
  };
}

function writeSection(records: readonly ResourceRecord[], offsets: number[]): number {
  let count = 0;
  for (const record of records) {
    if (offsets.length >= limits.answerRecordsMax) break;
    const start = writer.length;
    if (!writeRecord(writer, record)) continue;
    offsets.push(start);
    count += 1;
  }
  return count;
}

/** Eleven bytes: the root, OPT, what we take, no flags, no options. */
const OPT_BYTES = 11;

/** To whom an encoded answer goes. */
export interface Recipient {
  /** The query as it came, to repeat its id, flags and spelling. */
  readonly query: Uint8Array;
  readonly hasEdns: boolean;
  /** What the answer may have. */
  readonly bytesMax: number;
  readonly recursionAvailable: boolean;
  /** Any number: which answer comes first. */
  readonly turn: number;
}

/** One copy of an answer for one client, cut at whole records, and marked so, where it does not fit. */
export function fillAnswer(
  encoded: EncodedAnswer,
  to: Recipient,
  allocate: (byteCount: number) => Uint8Array,
): Uint8Array {
  const { bytes, questionEnd, offsets, answerCount } = encoded;
  const opt = to.hasEdns ? OPT_BYTES : 0;
  if (bytes.length + opt > to.bytesMax) return fillCutAnswer(encoded, to);
  const out = allocate(bytes.length + opt);
  out.set(bytes);
  if (encoded.turns) {
    const first = to.turn % answerCount;
    if (first > 0) {
      const split = offsets[first] ?? questionEnd;
      const end = offsets[answerCount] ?? bytes.length;
      out.set(bytes.subarray(split, end), questionEnd);
      out.set(bytes.subarray(questionEnd, split), questionEnd + end - split);
    }
  }
  finish(out, to, bytes.length, questionEnd);
  if (to.hasEdns) putUint16(out, 10, uint16(bytes, 10) + 1);
  return out;
}

/** Additional records go first, then answers from the end; without all answers the client is told. */
function fillCutAnswer(encoded: EncodedAnswer, to: Recipient): Uint8Array {
  const { bytes, questionEnd, offsets, answerCount, authorityCount } = encoded;
  const room = to.bytesMax - (to.hasEdns ? OPT_BYTES : 0);
  const out = new Uint8Array(to.bytesMax);
  out.set(bytes.subarray(0, questionEnd));
  let end = questionEnd;
  const copy = (index: number): boolean => {
    const record = bytes.subarray(offsets[index], offsets[index + 1]);
    if (end + record.length > room) return false;
    out.set(record, end);
    end += record.length;
    return true;
  };
  let answers = 0;
  const first = encoded.turns ? to.turn % answerCount : 0;
  while (answers < answerCount && copy((first + answers) % answerCount)) answers += 1;
  let authorities = 0;
  let whole = answers === answerCount;
  while (whole && authorities < authorityCount && copy(answerCount + authorities)) authorities += 1;
  whole = whole && authorities === authorityCount;
  let additionals = 0;
  const additionalCount = offsets.length - 1 - answerCount - authorityCount;
  while (
    whole &&
    additionals < additionalCount &&
    copy(answerCount + authorityCount + additionals)
  ) {
    additionals += 1;
  }
  putUint16(out, 6, answers);
  putUint16(out, 8, authorities);
  putUint16(out, 10, additionals + (to.hasEdns ? 1 : 0));
  if (!whole) out[2] = (out[2] ?? 0) | (flagBits.truncated >>> 8);
  finish(out, to, end, questionEnd);
  return out.subarray(0, end + (to.hasEdns ? OPT_BYTES : 0));
}

function finish(out: Uint8Array, to: Recipient, end: number, questionEnd: number): void {
  const { query } = to;
  out[0] = query[0] ?? 0;
  out[1] = query[1] ?? 0;
  out[2] = (out[2] ?? 0) | ((query[2] ?? 0) & (flagBits.recursionDesired >>> 8));
  out[3] =
    (out[3] ?? 0) |
    (to.recursionAvailable ? flagBits.recursionAvailable : 0) |
    ((query[3] ?? 0) & flagBits.checkingDisabled);
  for (let at = limits.headerBytes; at < questionEnd; at += 1) out[at] = query[at] ?? 0;
  if (to.hasEdns) putOpt(out, end, 0);
}

function putOpt(out: Uint8Array, at: number, extendedRcode: number): void {
  out[at] = 0;
  putUint16(out, at + 1, recordTypes.opt);
  putUint16(out, at + 3, limits.datagramBytesMax);
  out[at + 5] = extendedRcode;
  for (let index = at + 6; index < at + OPT_BYTES; index += 1) out[index] = 0;
}

function putUint16(out: Uint8Array, at: number, value: number): void {
  out[at] = (value >>> 8) & 0xff;
  out[at + 1] = value & 0xff;
}

/** What is needed to answer with nothing but a code. */
export interface BareReply {
  readonly query: Uint8Array;
  /** 0: the question could not be read and is not repeated. */
  readonly questionEnd: number;
  readonly hasEdns: boolean;
  readonly rcode: number;
  readonly recursionAvailable: boolean;
}

/** An answer without records. Codes over 15 are told in an OPT record. */
export function bareReply(reply: BareReply): Uint8Array {
  const end = Math.max(limits.headerBytes, reply.questionEnd);
  const hasEdns = reply.hasEdns || reply.rcode === rcodes.badVers;
  const out = new Uint8Array(end + (hasEdns ? OPT_BYTES : 0));
  out.set(reply.query.subarray(0, end));
  const kept = 0x7900;
  const flags =
    (((reply.query[2] ?? 0) * 256 + (reply.query[3] ?? 0)) & kept) |
    flagBits.response |
    (reply.recursionAvailable ? flagBits.recursionAvailable : 0) |
    (reply.rcode & 0x0f);
  putUint16(out, 2, flags);
  putUint16(out, 4, reply.questionEnd > 0 ? 1 : 0);
  putUint16(out, 6, 0);
  putUint16(out, 8, 0);
  putUint16(out, 10, hasEdns ? 1 : 0);
  if (hasEdns) putOpt(out, end, reply.rcode >>> 4);
  return out;
}
