import type { RememberedParts } from "./remembered-parts.ts";
import type { SharedTexts } from "./shared-texts.ts";

/** The wire types of Protocol Buffers that are met here: the low three bits of a tag. */
const varint = 0;
const fixed64 = 1;
const delimited = 2;
const fixed32 = 5;

/** The tag of a number or truth value. */
export function numberTag(field: number): number {
  return field * 8 + varint;
}

/** The tag of a text or of a message within. */
export function partTag(field: number): number {
  return field * 8 + delimited;
}

/**
 * Walks over the fields of a message in Protocol Buffers without making anything of those that nobody wants.
 * `next` gives the tag of a field, of which then exactly one of `number`, `flag`, `text`, `open`, `range` or `skip`
 * is called. Broken bytes throw a `SyntaxError`, as broken JSON does.
 */
export class ProtobufFields {
  readonly #bytes: Uint8Array;
  readonly #texts: SharedTexts;
  #at = 0;
  #end: number;
  #tag = 0;

  constructor(bytes: Uint8Array, texts: SharedTexts) {
    this.#bytes = bytes;
    this.#texts = texts;
    this.#end = bytes.length;
  }

  /** The tag of the next field (`numberTag`, `partTag`); 0 at the end of the message. */
  next(): number {
    if (this.#at >= this.#end) return 0;
    this.#tag = this.number();
    return this.#tag;
  }

  /** A varint; exact up to 2^53, as far as here is any that is larger than 2^32. */
  number(): number {
    // Most are short.
    const first = this.#at < this.#end ? (this.#bytes[this.#at] ?? 0x80) : 0x80;
    if (first < 0x80) {
      this.#at += 1;
      return first;
    }
    let value = 0;
    let scale = 1;
    for (let length = 0; length < 10; length += 1) {
      if (this.#at >= this.#end) throw broken();
      const byte = this.#bytes[this.#at] ?? 0;
      this.#at += 1;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
      scale *= 128;
    }
    throw broken();
  }

  flag(): boolean {
    return this.number() !== 0;
  }

  /** A text that many messages have: one instance is kept. */
  sharedText(): string {
    const end = this.#partEnd();
    const text = this.#texts.read(this.#bytes, this.#at, end);
    this.#at = end;
    return text;
  }

  /** A text of this message alone. */
  text(): string {
    const end = this.#partEnd();
    const text = this.#texts.decode(this.#bytes, this.#at, end);
    this.#at = end;
    return text;
  }

  /** Reads a message within, or finds what `read` made of the same bytes before. */
  remembered<T extends object>(parts: RememberedParts<T>, read: (fields: ProtobufFields) => T): T {
    const begin = this.#at;
    const end = this.#partEnd();
    const start = this.#at;
    this.#at = end;
    const again = parts.again(this.#bytes, start, end);
    if (again !== undefined) return again;
    const place = parts.placeOf(this.#bytes, start, end);
    const known = place < 0 ? undefined : parts.find(place, this.#bytes, start, end);
    if (known !== undefined) return known;
    this.#at = begin;
    const value = read(this);
    // A copy: the record itself is not to be kept alive.
    if (place >= 0) parts.keep(place, this.#bytes.slice(start, end), value);
    return value;
  }

  /** Whether a text is this one, of ASCII. */
  isText(text: string): boolean {
    const end = this.#partEnd();
    const start = this.#at;
    this.#at = end;
    if (end - start !== text.length) return false;
    for (let index = 0; index < text.length; index += 1)
      if (this.#bytes[start + index] !== text.charCodeAt(index)) return false;
    return true;
  }

  /** Goes into a message within; what it returns is handed to `close` when `next` was 0. */
  open(): number {
    const outer = this.#end;
    this.#end = this.#partEnd();
    return outer;
  }

  close(outer: number): void {
    this.#end = outer;
  }

  /** Goes over the field. */
  skip(): void {
    switch (this.#tag % 8) {
      case varint:
        this.number();
        break;
      case delimited:
        this.#at = this.#partEnd();
        break;
      case fixed64:
        this.#advance(8);
        break;
      case fixed32:
        this.#advance(4);
        break;
      default:
        throw broken();
    }
  }

  #advance(byteCount: number): void {
    this.#at += byteCount;
    if (this.#at > this.#end) throw broken();
  }

  /** Where the part that begins here ends. */
  #partEnd(): number {
    const length = this.number();
    const end = this.#at + length;
    if (end > this.#end) throw broken();
    return end;
  }
}

function broken(): SyntaxError {
  return new SyntaxError("the record is not Protocol Buffers");
}
