import { limits as dnsLimits } from "@tutti/dns";
import type { StoredAnswer } from "./answer-store.ts";

/** To whom an answer of an upstream goes. */
export interface PassOnTo {
  /** The client's query: its id, RD and spelling are repeated. */
  readonly query: Uint8Array;
  readonly questionEnd: number;
  readonly hasEdns: boolean;
  readonly dnssecOk: boolean;
  /** What the client takes. */
  readonly bytesMax: number;
}

const OPT_BYTES = 11;

/** A stored answer for one client, with what is left of its times to live; cut to nothing, with TC, when too long. */
export function passOn(stored: StoredAnswer, to: PassOnTo, monoMs: number): Uint8Array {
  const { scanned } = stored;
  const opt = to.hasEdns ? OPT_BYTES : 0;
  const fits = stored.bytes.length + opt <= to.bytesMax;
  const end = fits ? stored.bytes.length : scanned.questionEnd;
  const out = new Uint8Array(end + opt);
  out.set(stored.bytes.subarray(0, end));
  if (fits) {
    const ageSeconds = Math.floor((monoMs - stored.storedMonoMs) / 1000);
    for (const at of scanned.ttlOffsets) lowerTtl(out, at, ageSeconds);
  } else out.fill(0, 6, 12);
  // Whoever answered, here it is passed on: not authoritative, recursion available.
  const truncated = scanned.truncated || !fits ? 0x02 : 0;
  out[0] = to.query[0] ?? 0;
  out[1] = to.query[1] ?? 0;
  out[2] = 0x80 | truncated | ((to.query[2] ?? 0) & 0x01);
  out[3] = 0x80 | ((stored.bytes[3] ?? 0) & 0x2f) | ((to.query[3] ?? 0) & 0x10);
  putUint16(out, 10, (fits ? scanned.additionalCount : 0) + (to.hasEdns ? 1 : 0));
  // Of one length, because they are equal but for case.
  out.set(to.query.subarray(dnsLimits.headerBytes, to.questionEnd), dnsLimits.headerBytes);
  if (to.hasEdns) {
    putUint16(out, end + 1, 41);
    putUint16(out, end + 3, dnsLimits.datagramBytesMax);
    if (to.dnssecOk) out[end + 7] = 0x80;
  }
  return out;
}

function lowerTtl(bytes: Uint8Array, at: number, bySeconds: number): void {
  const ttl = readUint16(bytes, at) * 65_536 + readUint16(bytes, at + 2);
  const left = Math.max(0, ttl - bySeconds);
  putUint16(bytes, at, Math.floor(left / 65_536));
  putUint16(bytes, at + 2, left & 0xffff);
}

function readUint16(bytes: Uint8Array, at: number): number {
  return (bytes[at] ?? 0) * 256 + (bytes[at + 1] ?? 0);
}

function putUint16(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = (value >>> 8) & 0xff;
  bytes[at + 1] = value & 0xff;
}
