import { ByteWriter } from "./byte-writer.ts";
import { limits } from "./limits.ts";
import { recordTypes, type Question } from "./records.ts";

const writer = new ByteWriter(512);

export interface QueryOptions {
  readonly id: number;
  readonly recursionDesired: boolean;
  /** The CD bit of RFC 4035; default false. */
  readonly checkingDisabled?: boolean;
  /** Whether to say, in an OPT record, that datagrams of `limits.datagramBytesMax` are taken. */
  readonly edns: boolean;
  /** The DO bit of RFC 3225, told in OPT; default false. */
  readonly dnssecOk?: boolean;
}

/** A query; undefined when the name cannot be written. */
export function encodeQuery(question: Question, options: QueryOptions): Uint8Array | undefined {
  writer.start();
  writer.uint16(options.id);
  writer.uint16(
    (options.recursionDesired ? 0x0100 : 0) | (options.checkingDisabled === true ? 0x0010 : 0),
  );
  writer.uint16(1);
  writer.uint16(0);
  writer.uint16(0);
  writer.uint16(options.edns ? 1 : 0);
  if (!writer.questionName(question.name)) return undefined;
  writer.uint16(question.type);
  writer.uint16(question.class);
  if (options.edns) {
    writer.uint8(0);
    writer.uint16(recordTypes.opt);
    writer.uint16(limits.datagramBytesMax);
    writer.uint32(options.dnssecOk === true ? 0x8000 : 0);
    writer.uint16(0);
  }
  return writer.take();
}
