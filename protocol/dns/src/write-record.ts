import { assertNever } from "@tutti/base";
import { parseIpv4, parseIpv6 } from "./addresses.ts";
import type { ByteWriter } from "./byte-writer.ts";
import { limits } from "./limits.ts";
import { classes, recordTypes, type ResourceRecord } from "./records.ts";

/**
 * Writes one record; false, and nothing written, when it cannot be said (a name that is none, an address that is none)
 * or does not fit.
 */
export function writeRecord(writer: ByteWriter, record: ResourceRecord): boolean {
  const start = writer.length;
  const written = writer.name(record.name) && writeHeadAndData(writer, record);
  if (written && !writer.full) return true;
  writer.truncate(start);
  return false;
}

function writeHeadAndData(writer: ByteWriter, record: ResourceRecord): boolean {
  writer.uint16(typeNumber(record));
  writer.uint16(record.type === "OTHER" ? record.class : classes.internet);
  writer.uint32(record.ttlSeconds);
  const lengthAt = writer.length;
  writer.uint16(0);
  if (!writeData(writer, record)) return false;
  writer.patchUint16(lengthAt, writer.length - lengthAt - 2);
  return true;
}

/** The number of a record's type on the wire. */
export function typeNumber(record: ResourceRecord): number {
  switch (record.type) {
    case "A":
      return recordTypes.a;
    case "AAAA":
      return recordTypes.aaaa;
    case "NS":
      return recordTypes.ns;
    case "CNAME":
      return recordTypes.cname;
    case "PTR":
      return recordTypes.ptr;
    case "SRV":
      return recordTypes.srv;
    case "TXT":
      return recordTypes.txt;
    case "SOA":
      return recordTypes.soa;
    case "OTHER":
      return record.typeNumber;
    default:
      return assertNever(record);
  }
}

function writeData(writer: ByteWriter, record: ResourceRecord): boolean {
  switch (record.type) {
    case "A":
      return writeAddress(writer, parseIpv4(record.address));
    case "AAAA":
      return writeAddress(writer, parseIpv6(record.address));
    case "NS":
    case "CNAME":
    case "PTR":
      return writer.name(record.target);
    case "SRV":
      writer.uint16(record.priority);
      writer.uint16(record.weight);
      writer.uint16(record.port);
      return writer.name(record.target, { plain: true });
    case "TXT":
      for (const text of record.texts) {
        if (text.length > limits.textBytesMax) return false;
        writer.uint8(text.length);
        writer.raw(text);
      }
      return record.texts.length > 0;
    case "SOA":
      if (!writer.name(record.primary) || !writer.name(record.mailbox)) return false;
      for (const value of [
        record.serial,
        record.refreshSeconds,
        record.retrySeconds,
        record.expireSeconds,
        record.minimumSeconds,
      ]) {
        writer.uint32(value);
      }
      return true;
    case "OTHER":
      writer.raw(record.data);
      return true;
    default:
      return assertNever(record);
  }
}

function writeAddress(writer: ByteWriter, bytes: Uint8Array | undefined): boolean {
  if (bytes === undefined) return false;
  writer.raw(bytes);
  return true;
}
