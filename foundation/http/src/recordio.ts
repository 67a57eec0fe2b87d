import { ok, refuse } from "@tutti/base";
import type { Refusal, Result } from "@tutti/base";
import { limits } from "./limits.ts";

const NEWLINE = 0x0a;
const ZERO = 0x30;
/** Digits of the largest exact integer. */
const LENGTH_DIGITS_MAX = 15;

/** Why a stream of records cannot be read on. */
export type RecordRefusal = Refusal<"BAD_RECORD_LENGTH" | "RECORD_TOO_LARGE">;

/** One record as RecordIO: its length in bytes as decimal digits, a newline, its bytes. */
export function encodeRecord(record: string | Uint8Array): Uint8Array {
  const body = typeof record === "string" ? Buffer.from(record, "utf8") : record;
  const head = `${body.length}\n`;
  const bytes = Buffer.allocUnsafe(head.length + body.length);
  bytes.write(head, 0, "latin1");
  bytes.set(body, head.length);
  return bytes;
}

/**
 * Takes a RecordIO stream apart, whatever its chunks. A refusal is final: every later push gives it
 * again.
 */
export class RecordDecoder {
  readonly #recordBytesMax: number;
  #digits = "";
  /** Bytes of the record that is being collected, or undefined while its length is read. */
  #wanted: number | undefined;
  #parts: Uint8Array[] = [];
  #partsBytes = 0;
  #refused: { readonly ok: false; readonly error: RecordRefusal } | undefined;

  constructor(recordBytesMax: number = limits.recordBytesMax) {
    this.#recordBytesMax = recordBytesMax;
  }

  /** Whether the stream stands between two records: an end elsewhere has cut one off. */
  get isBetweenRecords(): boolean {
    return this.#wanted === undefined && this.#digits === "";
  }

  /** The records that `chunk` completes, in order. They may share memory with `chunk`. */
  push(chunk: Uint8Array): Result<readonly Uint8Array[], RecordRefusal> {
    const records: Uint8Array[] = [];
    let at = 0;
    while (this.#refused === undefined && at < chunk.length) {
      if (this.#wanted === undefined) {
        this.#takeLengthByte(chunk[at] ?? 0);
        at += 1;
        if (this.#wanted === 0) records.push(this.#complete());
      } else {
        const part = chunk.subarray(at, at + this.#wanted - this.#partsBytes);
        at += part.length;
        this.#parts.push(part);
        this.#partsBytes += part.length;
        if (this.#partsBytes === this.#wanted) records.push(this.#complete());
      }
    }
    return this.#refused ?? ok(records);
  }

  #takeLengthByte(byte: number): void {
    if (byte >= ZERO && byte <= ZERO + 9 && this.#digits.length < LENGTH_DIGITS_MAX) {
      this.#digits += String.fromCharCode(byte);
      return;
    }
    if (byte !== NEWLINE || this.#digits === "") {
      this.#refused = refuse(
        "BAD_RECORD_LENGTH",
        "A record must begin with its length in decimal digits and a newline.",
      );
      return;
    }
    const length = Number(this.#digits);
    this.#digits = "";
    if (length > this.#recordBytesMax) {
      this.#refused = refuse(
        "RECORD_TOO_LARGE",
        `A record of ${length} bytes exceeds the bound of ${this.#recordBytesMax}.`,
      );
      return;
    }
    this.#wanted = length;
  }

  #complete(): Uint8Array {
    const [first] = this.#parts;
    const record =
      first !== undefined && this.#parts.length === 1 ? first : Buffer.concat(this.#parts);
    this.#parts = [];
    this.#partsBytes = 0;
    this.#wanted = undefined;
    return record;
  }
}
