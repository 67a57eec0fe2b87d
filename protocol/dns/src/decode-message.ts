import { formatIpv4, formatIpv6 } from "./addresses.ts";
import { limits } from "./limits.ts";
import { checkName, readName } from "./names.ts";
import { uint16, uint32 } from "./query-reader.ts";
import { classes, recordTypes, type Question, type ResourceRecord } from "./records.ts";

/** A message, read whole. OPT is not among the records. */
export interface Message {
  readonly id: number;
  readonly flags: number;
  /** With the upper bits of OPT. */
  readonly rcode: number;
  readonly questions: readonly Question[];
  readonly answers: readonly ResourceRecord[];
  readonly authorities: readonly ResourceRecord[];
  readonly additionals: readonly ResourceRecord[];
  /** What the sender takes as a datagram, when it said so. */
  readonly ednsBytesMax?: number;
}

interface Cursor {
  at: number;
  recordCount: number;
  opt: { readonly bytesMax: number; readonly extendedRcode: number } | undefined;
}

/** Reads a message of anybody; undefined when it is malformed anywhere. Bounded work, never throws. */
export function decodeMessage(bytes: Uint8Array): Message | undefined {
  if (bytes.length < limits.headerBytes || bytes.length > limits.messageBytesMax) return undefined;
  const cursor: Cursor = { at: limits.headerBytes, recordCount: 0, opt: undefined };
  const questions = readQuestions(bytes, cursor, uint16(bytes, 4));
  if (questions === undefined) return undefined;
  const answers = readSection(bytes, cursor, uint16(bytes, 6));
  const authorities = answers && readSection(bytes, cursor, uint16(bytes, 8));
  const additionals = authorities && readSection(bytes, cursor, uint16(bytes, 10));
  if (answers === undefined || authorities === undefined || additionals === undefined) {
    return undefined;
  }
  const flags = uint16(bytes, 2);
  return {
    id: uint16(bytes, 0),
    flags,
    rcode: (flags & 0x0f) | ((cursor.opt?.extendedRcode ?? 0) << 4),
    questions,
    answers,
    authorities,
    additionals,
    ...(cursor.opt === undefined ? {} : { ednsBytesMax: cursor.opt.bytesMax }),
  };
}

function readQuestions(bytes: Uint8Array, cursor: Cursor, count: number): Question[] | undefined {
  const questions: Question[] = [];
  for (let index = 0; index < count; index += 1) {
    const read = readName(bytes, cursor.at);
    if (read === undefined || read.end + 4 > bytes.length) return undefined;
    if (questions.length >= limits.recordsPerMessageMax) return undefined;
    questions.push({
      name: read.name,
      type: uint16(bytes, read.end),
      class: uint16(bytes, read.end + 2),
    });
    cursor.at = read.end + 4;
  }
  return questions;
}

function readSection(
  bytes: Uint8Array,
  cursor: Cursor,
  count: number,
): ResourceRecord[] | undefined {
  const records: ResourceRecord[] = [];
  for (let index = 0; index < count; index += 1) {
    cursor.recordCount += 1;
    const read = readName(bytes, cursor.at);
    if (read === undefined || cursor.recordCount > limits.recordsPerMessageMax) return undefined;
    const dataAt = read.end + 10;
    const end = dataAt + uint16(bytes, read.end + 8);
    if (dataAt > bytes.length || end > bytes.length) return undefined;
    cursor.at = end;
    if (uint16(bytes, read.end) === recordTypes.opt) {
      if (cursor.opt !== undefined) return undefined;
      cursor.opt = {
        bytesMax: uint16(bytes, read.end + 2),
        extendedRcode: bytes[read.end + 4] ?? 0,
      };
      continue;
    }
    const record = readRecord(bytes, read.name, read.end, end);
    if (record === undefined) return undefined;
    records.push(record);
  }
  return records;
}

function readRecord(
  bytes: Uint8Array,
  name: string,
  fixedAt: number,
  end: number,
): ResourceRecord | undefined {
  const type = uint16(bytes, fixedAt);
  const recordClass = uint16(bytes, fixedAt + 2);
  const head = { name, ttlSeconds: uint32(bytes, fixedAt + 4) };
  const data = bytes.subarray(fixedAt + 10, end);
  if (recordClass === classes.internet) {
    switch (type) {
      case recordTypes.a:
        return data.length === 4 ? { ...head, type: "A", address: formatIpv4(data) } : undefined;
      case recordTypes.aaaa:
        return data.length === 16
          ? { ...head, type: "AAAA", address: formatIpv6(data) }
          : undefined;
      case recordTypes.ns:
        return readTarget(bytes, head, "NS", fixedAt + 10, end);
      case recordTypes.cname:
        return readTarget(bytes, head, "CNAME", fixedAt + 10, end);
      case recordTypes.ptr:
        return readTarget(bytes, head, "PTR", fixedAt + 10, end);
      case recordTypes.srv:
        return readSrv(bytes, head, fixedAt + 10, end);
      case recordTypes.soa:
        return readSoa(bytes, head, fixedAt + 10, end);
      case recordTypes.txt:
        return readTxt(head, data);
      default:
    }
  }
  return {
    ...head,
    type: "OTHER",
    typeNumber: type,
    class: recordClass,
    data: new Uint8Array(data),
  };
}

interface Head {
  readonly name: string;
  readonly ttlSeconds: number;
}

function readTarget(
  bytes: Uint8Array,
  head: Head,
  type: "NS" | "CNAME" | "PTR",
  at: number,
  end: number,
): ResourceRecord | undefined {
  const target = readName(bytes, at);
  return target?.end === end ? { ...head, type, target: target.name } : undefined;
}

function readSrv(
  bytes: Uint8Array,
  head: Head,
  at: number,
  end: number,
): ResourceRecord | undefined {
  const target = readName(bytes, at + 6);
  if (target?.end !== end) return undefined;
  return {
    ...head,
    type: "SRV",
    priority: uint16(bytes, at),
    weight: uint16(bytes, at + 2),
    port: uint16(bytes, at + 4),
    target: target.name,
  };
}

function readSoa(
  bytes: Uint8Array,
  head: Head,
  at: number,
  end: number,
): ResourceRecord | undefined {
  const primary = readName(bytes, at);
  const mailbox = primary && readName(bytes, primary.end);
  if (primary === undefined || mailbox?.end !== end - 20) return undefined;
  return {
    ...head,
    type: "SOA",
    primary: primary.name,
    mailbox: mailbox.name,
    serial: uint32(bytes, mailbox.end),
    refreshSeconds: uint32(bytes, mailbox.end + 4),
    retrySeconds: uint32(bytes, mailbox.end + 8),
    expireSeconds: uint32(bytes, mailbox.end + 12),
    minimumSeconds: uint32(bytes, mailbox.end + 16),
  };
}

function readTxt(head: Head, data: Uint8Array): ResourceRecord | undefined {
  const texts: Uint8Array[] = [];
  let at = 0;
  while (at < data.length) {
    const end = at + 1 + (data[at] ?? 0);
    if (end > data.length) return undefined;
    texts.push(new Uint8Array(data.subarray(at + 1, end)));
    at = end;
  }
  return texts.length > 0 ? { ...head, type: "TXT", texts } : undefined;
}

/** What a forwarder must know of an answer that it passes on as it is. */
export interface ScannedAnswer {
  readonly rcode: number;
  readonly truncated: boolean;
  readonly questionEnd: number;
  readonly answerCount: number;
  /** Where the four bytes of each record's time to live stand. */
  readonly ttlOffsets: readonly number[];
  /** The least of the answers' times to live; undefined without answers. */
  readonly ttlSecondsMin: number | undefined;
  /** From a SOA among the authorities: how long a "no" may be kept (RFC 2308 §5). */
  readonly negativeTtlSeconds: number | undefined;
  /** The message without OPT: its end, and how many additional records that leaves. */
  readonly end: number;
  readonly additionalCount: number;
}

/** Walks over a message with one question; undefined when it is malformed. */
export function scanAnswer(bytes: Uint8Array): ScannedAnswer | undefined {
  if (bytes.length < limits.headerBytes || uint16(bytes, 4) !== 1) return undefined;
  const questionName = checkName(bytes, limits.headerBytes);
  if (questionName === undefined || questionName + 4 > bytes.length) return undefined;
  const counts = [uint16(bytes, 6), uint16(bytes, 8), uint16(bytes, 10)];
  const ttlOffsets: number[] = [];
  const flags = uint16(bytes, 2);
  let at = questionName + 4;
  let rcode = flags & 0x0f;
  let ttlSecondsMin: number | undefined;
  let negativeTtlSeconds: number | undefined;
  let optAt = -1;
  let afterOpt = 0;
  for (const [section, count] of counts.entries()) {
    for (let index = 0; index < count; index += 1) {
      if (ttlOffsets.length >= limits.recordsPerMessageMax) return undefined;
      const fixed = checkName(bytes, at);
      const end = fixed === undefined ? 0 : fixed + 10 + uint16(bytes, fixed + 8);
      if (fixed === undefined || fixed + 10 > bytes.length || end > bytes.length) return undefined;
      const type = uint16(bytes, fixed);
      if (section === 2 && type === recordTypes.opt) {
        if (optAt >= 0) return undefined;
        optAt = at;
        afterOpt = count - index - 1;
        rcode |= (bytes[fixed + 4] ?? 0) << 4;
      } else if (optAt < 0) {
        ttlOffsets.push(fixed + 4);
      }
      const ttlSeconds = uint32(bytes, fixed + 4);
      if (section === 0) ttlSecondsMin = Math.min(ttlSecondsMin ?? ttlSeconds, ttlSeconds);
      if (section === 1 && type === recordTypes.soa && end - fixed >= 32) {
        negativeTtlSeconds = Math.min(ttlSeconds, uint32(bytes, end - 4));
      }
      at = end;
    }
  }
  return {
    rcode,
    truncated: (flags & 0x0200) !== 0,
    questionEnd: questionName + 4,
    answerCount: counts[0] ?? 0,
    ttlOffsets,
    ttlSecondsMin,
    negativeTtlSeconds,
    end: optAt >= 0 ? optAt : at,
    additionalCount: (counts[2] ?? 0) - (optAt >= 0 ? afterOpt + 1 : 0),
  };
}
